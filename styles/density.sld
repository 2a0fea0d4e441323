<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>density</sld:Name>
    <sld:UserStyle>
      <sld:Title>Densité de points</sld:Title>
      <sld:Abstract>Points par mètre carré, par groupe de classes : combien la cellule a été vue.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#40004b" quantity="0" opacity="1" label="0 : rien vu"/>
              <sld:ColorMapEntry color="#7666a0" quantity="4" opacity="1" label="4 : peu"/>
              <sld:ColorMapEntry color="#a6bddb" quantity="10" opacity="1" label="10 : LiDAR HD attendu"/>
              <sld:ColorMapEntry color="#78beaa" quantity="20" opacity="1" label="20 : bon"/>
              <sld:ColorMapEntry color="#006d2c" quantity="40" opacity="1" label="40 et plus"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
