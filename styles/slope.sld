<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>slope</sld:Name>
    <sld:UserStyle>
      <sld:Title>Pente</sld:Title>
      <sld:Abstract>Plus forte pente du terrain.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#ffffff" quantity="0" opacity="0" label="0° : plat"/>
              <sld:ColorMapEntry color="#fff7bc" quantity="2.9" opacity="1" label="3° : 5 %, accessible en fauteuil"/>
              <sld:ColorMapEntry color="#fec44f" quantity="8.5" opacity="1" label="8,5° : 15 %"/>
              <sld:ColorMapEntry color="#d95f0e" quantity="16.7" opacity="1" label="17° : 30 %"/>
              <sld:ColorMapEntry color="#662506" quantity="45" opacity="1" label="45° et plus : talus, mur"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
