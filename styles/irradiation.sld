<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>irradiation</sld:Name>
    <sld:UserStyle>
      <sld:Title>Irradiation annuelle par ciel clair</sld:Title>
      <sld:Abstract>Énergie solaire que reçoit en un an de ciel clair un mètre carré de la surface, selon sa pente et son exposition, masques et part de ciel compris : un maximum, dont les nuages prennent une part.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#14143c" quantity="0" opacity="1" label="0 : jamais éclairé"/>
              <sld:ColorMapEntry color="#463278" quantity="500" opacity="1" label="500 : fond de cour, mur nord"/>
              <sld:ColorMapEntry color="#a04678" quantity="1000" opacity="1" label="1000 : pan nord raide"/>
              <sld:ColorMapEntry color="#e67850" quantity="1500" opacity="1" label="1500 : pan nord doux, partie ombragée"/>
              <sld:ColorMapEntry color="#fab446" quantity="1800" opacity="1" label="1800 : toit plat dégagé"/>
              <sld:ColorMapEntry color="#fff5aa" quantity="2200" opacity="1" label="2200 et plus : pan sud"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
