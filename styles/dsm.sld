<?xml version="1.0" encoding="UTF-8"?>
<sld:StyledLayerDescriptor version="1.0.0" xmlns:sld="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc">
  <sld:NamedLayer>
    <sld:Name>dsm</sld:Name>
    <sld:UserStyle>
      <sld:Title>Surface (MNS)</sld:Title>
      <sld:Abstract>Altitude de la première surface vue du ciel : sol, toits, houppiers.</sld:Abstract>
      <sld:FeatureTypeStyle>
        <sld:Rule>
          <sld:RasterSymbolizer>
            <sld:ChannelSelection>
              <sld:GrayChannel>
                <sld:SourceChannelName>1</sld:SourceChannelName>
              </sld:GrayChannel>
            </sld:ChannelSelection>
            <sld:ColorMap type="ramp">
              <sld:ColorMapEntry color="#011959" quantity="0" opacity="1" label="0,0 m"/>
              <sld:ColorMapEntry color="#103f60" quantity="11.11111111111111" opacity="1" label="11,1 m"/>
              <sld:ColorMapEntry color="#1c5a62" quantity="22.22222222222222" opacity="1" label="22,2 m"/>
              <sld:ColorMapEntry color="#3c6d56" quantity="33.33333333333333" opacity="1" label="33,3 m"/>
              <sld:ColorMapEntry color="#687b3e" quantity="44.44444444444444" opacity="1" label="44,4 m"/>
              <sld:ColorMapEntry color="#9d892b" quantity="55.55555555555556" opacity="1" label="55,6 m"/>
              <sld:ColorMapEntry color="#d29343" quantity="66.66666666666666" opacity="1" label="66,7 m"/>
              <sld:ColorMapEntry color="#f8a17b" quantity="77.77777777777777" opacity="1" label="77,8 m"/>
              <sld:ColorMapEntry color="#fdb7bc" quantity="88.88888888888889" opacity="1" label="88,9 m"/>
              <sld:ColorMapEntry color="#faccfa" quantity="100" opacity="1" label="100,0 m"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
