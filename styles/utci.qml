<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Rendering" hasScaleBasedVisibilityFlag="0">
  <pipe>
    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="9" classificationMax="46">
      <rasterTransparency/>
      <minMaxOrigin>
        <limits>None</limits>
        <extent>WholeRaster</extent>
        <statAccuracy>Estimated</statAccuracy>
        <cumulativeCutLower>0.02</cumulativeCutLower>
        <cumulativeCutUpper>0.98</cumulativeCutUpper>
        <stdDevFactor>2</stdDevFactor>
      </minMaxOrigin>
      <rastershader>
        <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="9" maximumValue="46" labelPrecision="2">
          <item value="9" color="#4575b4" alpha="255" label="9 °C : pas de contrainte (erreur connue : 2 K, 6 K au bord des ombres)"/>
          <item value="26" color="#abd9e9" alpha="255" label="26 °C : contrainte modérée"/>
          <item value="32" color="#fee090" alpha="255" label="32 °C : contrainte forte"/>
          <item value="38" color="#f46d43" alpha="255" label="38 °C : contrainte très forte"/>
          <item value="46" color="#8c0028" alpha="255" label="46 °C : contrainte extrême"/>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2" zoomedOutResampler="bilinear"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
