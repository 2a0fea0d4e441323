<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>tmrt</sld:Name>
    <sld:UserStyle>
      <sld:Title>Température moyenne de rayonnement</sld:Title>
      <sld:Abstract>Température moyenne de rayonnement d'une personne debout, à chaque heure demandée ; erreur connue du modèle : 6 K (écart quadratique moyen), 15 à 20 K au bord des ombres.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#313695" quantity="10" opacity="1" label="10 °C (erreur connue : 6 K, 15 à 20 K au bord des ombres)"/>
              <sld:ColorMapEntry color="#74add1" quantity="25" opacity="1" label="25 °C : nuit, ombre épaisse"/>
              <sld:ColorMapEntry color="#e0f3f8" quantity="35" opacity="1" label="35 °C : ombre"/>
              <sld:ColorMapEntry color="#fee090" quantity="45" opacity="1" label="45 °C"/>
              <sld:ColorMapEntry color="#f46d43" quantity="55" opacity="1" label="55 °C : soleil"/>
              <sld:ColorMapEntry color="#a50026" quantity="70" opacity="1" label="70 °C : plein soleil, murs chauds"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
