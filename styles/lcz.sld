<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>lcz</sld:Name>
    <sld:UserStyle>
      <sld:Title>Zones climatiques locales</sld:Title>
      <sld:Abstract>Zone climatique locale (LCZ) de carrés de 100 m, par règles puis par distance aux intervalles de sept indicateurs ; vide où plus de 30 % n'est pas connu.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="values">
              <sld:ColorMapEntry color="#8c0000" quantity="1" opacity="1" label="1 : ensemble compact de tours"/>
              <sld:ColorMapEntry color="#d10000" quantity="2" opacity="1" label="2 : ensemble compact d'immeubles"/>
              <sld:ColorMapEntry color="#ff0000" quantity="3" opacity="1" label="3 : ensemble compact de maisons"/>
              <sld:ColorMapEntry color="#bf4d00" quantity="4" opacity="1" label="4 : ensemble de tours espacées"/>
              <sld:ColorMapEntry color="#ff6600" quantity="5" opacity="1" label="5 : ensemble d'immeubles espacés"/>
              <sld:ColorMapEntry color="#ff9955" quantity="6" opacity="1" label="6 : ensemble de maisons espacées"/>
              <sld:ColorMapEntry color="#faee05" quantity="7" opacity="1" label="7 : constructions légères"/>
              <sld:ColorMapEntry color="#bcbcbc" quantity="8" opacity="1" label="8 : bâtiments bas de grande emprise"/>
              <sld:ColorMapEntry color="#ffccaa" quantity="9" opacity="1" label="9 : bâti dispersé"/>
              <sld:ColorMapEntry color="#555555" quantity="10" opacity="1" label="10 : industrie lourde"/>
              <sld:ColorMapEntry color="#006a00" quantity="11" opacity="1" label="A : espace arboré dense"/>
              <sld:ColorMapEntry color="#00aa00" quantity="12" opacity="1" label="B : espace arboré clairsemé"/>
              <sld:ColorMapEntry color="#648525" quantity="13" opacity="1" label="C : espace arbustif"/>
              <sld:ColorMapEntry color="#b9db79" quantity="14" opacity="1" label="D : végétation basse"/>
              <sld:ColorMapEntry color="#000000" quantity="15" opacity="1" label="E : sol imperméable ou rocheux"/>
              <sld:ColorMapEntry color="#fbf7ae" quantity="16" opacity="1" label="F : sol nu ou sable"/>
              <sld:ColorMapEntry color="#6a6aff" quantity="17" opacity="1" label="G : eau"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
