<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>vegetation_height</sld:Name>
    <sld:UserStyle>
      <sld:Title>Hauteur de la végétation</sld:Title>
      <sld:Abstract>95e centile des hauteurs au-dessus du sol des retours de végétation ; sans valeur où il n'y en a pas.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#ffffe5" quantity="0" opacity="1" label="0 m : herbe"/>
              <sld:ColorMapEntry color="#d9f0a3" quantity="0.5" opacity="1" label="0,5 m : herbe haute, arbuste"/>
              <sld:ColorMapEntry color="#78c679" quantity="3" opacity="1" label="3 m : arbuste, jeune arbre"/>
              <sld:ColorMapEntry color="#238443" quantity="10" opacity="1" label="10 m : arbre"/>
              <sld:ColorMapEntry color="#004529" quantity="20" opacity="1" label="20 m et plus : grand arbre"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
