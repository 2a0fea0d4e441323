<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>shade</sld:Name>
    <sld:UserStyle>
      <sld:Title>Ombre</sld:Title>
      <sld:Abstract>1 où le soleil est caché, 0 où il éclaire, à 10, 13 et 16 h locales de chaque date ou aux instants demandés ; arbres opaques, sauf avec --canopy.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#fff4be" quantity="0" opacity="0" label="0 : au soleil"/>
              <sld:ColorMapEntry color="#28325a" quantity="1" opacity="0.6666666666666666" label="1 : à l'ombre"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
