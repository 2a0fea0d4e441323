<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>chm</sld:Name>
    <sld:UserStyle>
      <sld:Title>Hauteur (MNH)</sld:Title>
      <sld:Abstract>Hauteur de la surface au-dessus du sol : MNS moins MNT, sans valeur où l'un des deux manque.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#ffffe5" quantity="0" opacity="0" label="0 m : sol"/>
              <sld:ColorMapEntry color="#fffacd" quantity="0.5" opacity="1" label="0,5 m : herbe, muret"/>
              <sld:ColorMapEntry color="#c2e699" quantity="3" opacity="1" label="3 m : haie, arbuste"/>
              <sld:ColorMapEntry color="#5ab471" quantity="8" opacity="1" label="8 m : maison, petit arbre"/>
              <sld:ColorMapEntry color="#227878" quantity="15" opacity="1" label="15 m : immeuble, arbre"/>
              <sld:ColorMapEntry color="#1e4678" quantity="25" opacity="1" label="25 m : grand arbre, église"/>
              <sld:ColorMapEntry color="#301250" quantity="40" opacity="1" label="40 m et plus"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
