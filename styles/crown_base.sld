<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>crown_base</sld:Name>
    <sld:UserStyle>
      <sld:Title>Base du houppier</sld:Title>
      <sld:Abstract>Hauteur au-dessus du sol des feuilles les plus basses vues des arbres (3 m et plus) : le profil des retours suivi vers le bas jusqu'à un vide de 1 m ; sans valeur hors des arbres.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#feebe2" quantity="3" opacity="1" label="3 m : branches basses"/>
              <sld:ColorMapEntry color="#fa9fb5" quantity="6" opacity="1" label="6 m"/>
              <sld:ColorMapEntry color="#c51b8a" quantity="10" opacity="1" label="10 m : haut passage"/>
              <sld:ColorMapEntry color="#49006a" quantity="20" opacity="1" label="20 m et plus"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
