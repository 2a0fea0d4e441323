<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>hillshade</sld:Name>
    <sld:UserStyle>
      <sld:Title>Ombrage du terrain</sld:Title>
      <sld:Abstract>Relief éclairé, de 1 (sombre) à 255 (clair).</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#000000" quantity="20" opacity="1" label=""/>
              <sld:ColorMapEntry color="#ffffff" quantity="200" opacity="1" label=""/>
            </sld:ColorMap>
            <sld:VendorOption name="composite">multiply</sld:VendorOption>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
