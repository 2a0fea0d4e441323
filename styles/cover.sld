<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>cover</sld:Name>
    <sld:UserStyle>
      <sld:Title>Occupation du sol</sld:Title>
      <sld:Abstract>Ce qui couvre le sol, en neuf classes, y compris sous les arbres.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="values">
              <sld:ColorMapEntry color="#be323c" quantity="1" opacity="1" label="1 : bâtiment"/>
              <sld:ColorMapEntry color="#6e6e74" quantity="2" opacity="1" label="2 : sol revêtu (enrobé, dalles)"/>
              <sld:ColorMapEntry color="#d6c8b0" quantity="3" opacity="1" label="3 : minéral perméable (gravier)"/>
              <sld:ColorMapEntry color="#b08458" quantity="4" opacity="1" label="4 : sol nu"/>
              <sld:ColorMapEntry color="#badb78" quantity="5" opacity="1" label="5 : herbe"/>
              <sld:ColorMapEntry color="#7ab854" quantity="6" opacity="1" label="6 : arbuste (0,5 à 3 m)"/>
              <sld:ColorMapEntry color="#005a28" quantity="7" opacity="1" label="7 : arbre sur sol perméable"/>
              <sld:ColorMapEntry color="#1e505a" quantity="8" opacity="1" label="8 : arbre sur sol revêtu"/>
              <sld:ColorMapEntry color="#4682c8" quantity="9" opacity="1" label="9 : eau"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
