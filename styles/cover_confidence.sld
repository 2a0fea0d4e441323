<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>cover_confidence</sld:Name>
    <sld:UserStyle>
      <sld:Title>Confiance dans l'occupation</sld:Title>
      <sld:Abstract>Chance que la classe de la cellule soit juste, d'après les marges entre classes, calée sur la ville d'exemple.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#a50026" quantity="0" opacity="1" label="0 % : au hasard"/>
              <sld:ColorMapEntry color="#f46d43" quantity="50" opacity="1" label="50 % : à vérifier"/>
              <sld:ColorMapEntry color="#fee090" quantity="75" opacity="1" label="75 % : bord, ombre"/>
              <sld:ColorMapEntry color="#abd9e9" quantity="90" opacity="1" label="90 % : sûr"/>
              <sld:ColorMapEntry color="#313695" quantity="100" opacity="1" label="100 %"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
