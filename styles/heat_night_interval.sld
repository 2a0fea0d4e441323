<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>heat_night_interval</sld:Name>
    <sld:UserStyle>
      <sld:Title>Incertitude de l'îlot nocturne</sld:Title>
      <sld:Abstract>Demi-largeur de l'intervalle de prévision à 90 % de l'îlot de chaleur nocturne.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#f7fcfd" quantity="0" opacity="1" label="0 K : sûr"/>
              <sld:ColorMapEntry color="#bfd3e6" quantity="0.5" opacity="1" label="0,5 K : bon pour un réseau de ville"/>
              <sld:ColorMapEntry color="#8c96c6" quantity="1" opacity="1" label="1 K : ordre de grandeur"/>
              <sld:ColorMapEntry color="#6e016b" quantity="2" opacity="1" label="2 K et plus : ne pas conclure"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
