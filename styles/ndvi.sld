<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>ndvi</sld:Name>
    <sld:UserStyle>
      <sld:Title>Indice de végétation (NDVI)</sld:Title>
      <sld:Abstract>Différence normalisée du proche infrarouge et du rouge de l'orthophoto, moyenne des pixels ; non étalonnée.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#313695" quantity="-0.4" opacity="1" label="−0,4 : eau"/>
              <sld:ColorMapEntry color="#c8c8cd" quantity="-0.1" opacity="1" label="−0,1 : toit, enrobé"/>
              <sld:ColorMapEntry color="#f5ebbe" quantity="0.1" opacity="1" label="0,1 : sol nu, herbe sèche"/>
              <sld:ColorMapEntry color="#96c86e" quantity="0.3" opacity="1" label="0,3 : herbe"/>
              <sld:ColorMapEntry color="#006837" quantity="0.6" opacity="1" label="0,6 : feuillage dense"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
