<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>dtm_gap</sld:Name>
    <sld:UserStyle>
      <sld:Title>Distance au sol mesuré</sld:Title>
      <sld:Abstract>Distance horizontale entre la cellule et le point de sol le plus proche : au-delà de quelques mètres, le terrain est interpolé.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#ffffff" quantity="0" opacity="0" label="0 m : mesuré"/>
              <sld:ColorMapEntry color="#fef0d9" quantity="1" opacity="1" label="1 m : bien vu"/>
              <sld:ColorMapEntry color="#fdcc8a" quantity="3" opacity="1" label="3 m : sous un arbre dense"/>
              <sld:ColorMapEntry color="#fc8d59" quantity="10" opacity="1" label="10 m : sous un bâtiment"/>
              <sld:ColorMapEntry color="#b30000" quantity="50" opacity="1" label="50 m : grand vide, à ne pas publier"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
