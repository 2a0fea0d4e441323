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
          <item value="0" color="#011959" alpha="255" label="0,0 m"/>
          <item value="11.11111111111111" color="#103f60" alpha="255" label="11,1 m"/>
          <item value="22.22222222222222" color="#1c5a62" alpha="255" label="22,2 m"/>
          <item value="33.33333333333333" color="#3c6d56" alpha="255" label="33,3 m"/>
          <item value="44.44444444444444" color="#687b3e" alpha="255" label="44,4 m"/>
          <item value="55.55555555555556" color="#9d892b" alpha="255" label="55,6 m"/>
          <item value="66.66666666666666" color="#d29343" alpha="255" label="66,7 m"/>
          <item value="77.77777777777777" color="#f8a17b" alpha="255" label="77,8 m"/>
          <item value="88.88888888888889" color="#fdb7bc" alpha="255" label="88,9 m"/>
          <item value="100" color="#faccfa" alpha="255" label="100,0 m"/>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2" zoomedOutResampler="bilinear"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
