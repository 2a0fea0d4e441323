<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>heat_hours</sld:Name>
    <sld:UserStyle>
      <sld:Title>Écart de chaleur, heure par heure</sld:Title>
      <sld:Abstract>Écart de température de l'air à la campagne de référence à chaque heure d'une période, et son incertitude.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#3154a0" quantity="-2" opacity="1" label="−2 K : plus frais que la campagne"/>
              <sld:ColorMapEntry color="#deebf7" quantity="0" opacity="1" label="0 K : comme la campagne"/>
              <sld:ColorMapEntry color="#fef0c9" quantity="1" opacity="1" label="1 K : un peu plus chaud"/>
              <sld:ColorMapEntry color="#fdbb70" quantity="2" opacity="1" label="2 K : sensiblement plus chaud"/>
              <sld:ColorMapEntry color="#f06e46" quantity="3" opacity="1" label="3 K : nuits difficiles"/>
              <sld:ColorMapEntry color="#961432" quantity="5" opacity="1" label="5 K et plus : îlot marqué"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
