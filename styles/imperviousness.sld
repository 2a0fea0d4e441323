<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>imperviousness</sld:Name>
    <sld:UserStyle>
      <sld:Title>Imperméabilisation</sld:Title>
      <sld:Abstract>Part imperméable de la cellule de 10 m, bâtiments et sols revêtus sous les arbres compris, avec la demi-largeur de son intervalle à 90 %.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#ffffff" quantity="0" opacity="0" label="0 % : perméable"/>
              <sld:ColorMapEntry color="#fee0d2" quantity="20" opacity="1" label="20 % : jardins"/>
              <sld:ColorMapEntry color="#fc9272" quantity="50" opacity="1" label="50 % : pavillons"/>
              <sld:ColorMapEntry color="#de2d26" quantity="80" opacity="1" label="80 % : centre"/>
              <sld:ColorMapEntry color="#67000d" quantity="100" opacity="1" label="100 % : tout est revêtu"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
