<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>utci</sld:Name>
    <sld:UserStyle>
      <sld:Title>Température ressentie (UTCI)</sld:Title>
      <sld:Abstract>Indice climatique universel (UTCI) d'une personne, à chaque heure demandée, sous un vent qui est partout celui donné à 10 m ; l'erreur de tmrt, 6 K, y compte pour 1,5 à 2 K.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#4575b4" quantity="9" opacity="1" label="9 °C : pas de contrainte (erreur connue : 2 K, 6 K au bord des ombres)"/>
              <sld:ColorMapEntry color="#abd9e9" quantity="26" opacity="1" label="26 °C : contrainte modérée"/>
              <sld:ColorMapEntry color="#fee090" quantity="32" opacity="1" label="32 °C : contrainte forte"/>
              <sld:ColorMapEntry color="#f46d43" quantity="38" opacity="1" label="38 °C : contrainte très forte"/>
              <sld:ColorMapEntry color="#8c0028" quantity="46" opacity="1" label="46 °C : contrainte extrême"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
