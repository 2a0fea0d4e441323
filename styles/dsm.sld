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
              <sld:ColorMapEntry color="#2c5c6e" quantity="0" opacity="1" label="0,0 m"/>
              <sld:ColorMapEntry color="#427a78" quantity="14.285714285714286" opacity="1" label="14,3 m"/>
              <sld:ColorMapEntry color="#68957c" quantity="28.571428571428573" opacity="1" label="28,6 m"/>
              <sld:ColorMapEntry color="#94ad82" quantity="42.85714285714286" opacity="1" label="42,9 m"/>
              <sld:ColorMapEntry color="#bec28e" quantity="57.142857142857146" opacity="1" label="57,1 m"/>
              <sld:ColorMapEntry color="#ded2a5" quantity="71.42857142857143" opacity="1" label="71,4 m"/>
              <sld:ColorMapEntry color="#f0e4c4" quantity="85.71428571428572" opacity="1" label="85,7 m"/>
              <sld:ColorMapEntry color="#fcf6e8" quantity="100" opacity="1" label="100,0 m"/>
            </sld:ColorMap>
          </sld:RasterSymbolizer>
        </sld:Rule>
      </sld:FeatureTypeStyle>
    </sld:UserStyle>
  </sld:NamedLayer>
</sld:StyledLayerDescriptor>
