<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>canopy</sld:Name>
    <sld:UserStyle>
      <sld:Title>Couvert arboré</sld:Title>
      <sld:Abstract>Part de la cellule de 10 m sous des arbres de 3 m et plus, bâtiments surplombés compris.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#ffffff" quantity="0" opacity="0" label="0 % : aucun arbre"/>
              <sld:ColorMapEntry color="#e5f5e0" quantity="10" opacity="1" label="10 % : arbres isolés"/>
              <sld:ColorMapEntry color="#a1d99b" quantity="25" opacity="1" label="25 % : seuil du boisé (R. 101-1)"/>
              <sld:ColorMapEntry color="#31a354" quantity="60" opacity="1" label="60 % : parc arboré"/>
              <sld:ColorMapEntry color="#00441b" quantity="100" opacity="1" label="100 % : forêt"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
