<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>sky_view</sld:Name>
    <sld:UserStyle>
      <sld:Title>Vue du ciel (cosinus)</sld:Title>
      <sld:Abstract>Part du rayonnement d'un ciel uniforme qui atteint la cellule (moyenne de cos² de l'horizon), celle des zones climatiques locales et du confort. Avec les arbres d'un calcul ([cover]) ou de --canopy, ils sont ôtés de la surface : terrain et bâtiments seuls, sky_view_canopy compte les arbres ; sans eux, tout obstacle est opaque.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#0d083c" quantity="0" opacity="1" label="0 : fond de cour, pas de ciel"/>
              <sld:ColorMapEntry color="#461e6e" quantity="0.2" opacity="1" label="0,2 : ruelle, cour étroite"/>
              <sld:ColorMapEntry color="#823c78" quantity="0.4" opacity="1" label="0,4 : rue étroite"/>
              <sld:ColorMapEntry color="#c8645a" quantity="0.6" opacity="1" label="0,6 : rue, pied d'un mur"/>
              <sld:ColorMapEntry color="#f5aa46" quantity="0.8" opacity="1" label="0,8 : avenue, petite place"/>
              <sld:ColorMapEntry color="#fffac8" quantity="1" opacity="1" label="1 : tout le ciel"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
