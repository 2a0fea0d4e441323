<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Rendering" hasScaleBasedVisibilityFlag="0">
  <pipe>
    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="0" classificationMax="100">
      <rasterTransparency/>
      <minMaxOrigin>
        <limits>CumulativeCut</limits>
        <extent>UpdatedCanvas</extent>
        <statAccuracy>Estimated</statAccuracy>
        <cumulativeCutLower>0.02</cumulativeCutLower>
        <cumulativeCutUpper>0.98</cumulativeCutUpper>
        <stdDevFactor>2</stdDevFactor>
      </minMaxOrigin>
      <rastershader>
        <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="0" maximumValue="100" labelPrecision="2">
          <item value="0" color="#2c5c6e" alpha="255" label="0,0 m"/>
          <item value="14.285714285714286" color="#427a78" alpha="255" label="14,3 m"/>
          <item value="28.571428571428573" color="#68957c" alpha="255" label="28,6 m"/>
          <item value="42.85714285714286" color="#94ad82" alpha="255" label="42,9 m"/>
          <item value="57.142857142857146" color="#bec28e" alpha="255" label="57,1 m"/>
          <item value="71.42857142857143" color="#ded2a5" alpha="255" label="71,4 m"/>
          <item value="85.71428571428572" color="#f0e4c4" alpha="255" label="85,7 m"/>
          <item value="100" color="#fcf6e8" alpha="255" label="100,0 m"/>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2" zoomedOutResampler="bilinear"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
