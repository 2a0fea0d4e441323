<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>sun_hours</sld:Name>
    <sld:UserStyle>
      <sld:Title>Heures de soleil</sld:Title>
      <sld:Abstract>Heures de soleil par ciel clair entre 8 et 20 h locales, par pas d'une demi-heure, à chaque date ou en moyenne par jour d'une saison ; arbres opaques, sauf avec --canopy.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#141e46" quantity="0" opacity="1" label="0 h : jamais"/>
              <sld:ColorMapEntry color="#3c5082" quantity="2" opacity="1" label="2 h"/>
              <sld:ColorMapEntry color="#967882" quantity="5" opacity="1" label="5 h"/>
              <sld:ColorMapEntry color="#eba050" quantity="8" opacity="1" label="8 h"/>
              <sld:ColorMapEntry color="#fff096" quantity="12" opacity="1" label="12 h : toute la journée"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
