<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Rendering" hasScaleBasedVisibilityFlag="0">
  <pipe>
    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="10" classificationMax="70">
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
        <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="10" maximumValue="70" labelPrecision="2">
          <item value="10" color="#313695" alpha="255" label="10 °C (erreur connue : 6 K, 15 à 20 K au bord des ombres)"/>
          <item value="25" color="#74add1" alpha="255" label="25 °C : nuit, ombre épaisse"/>
          <item value="35" color="#e0f3f8" alpha="255" label="35 °C : ombre"/>
          <item value="45" color="#fee090" alpha="255" label="45 °C"/>
          <item value="55" color="#f46d43" alpha="255" label="55 °C : soleil"/>
          <item value="70" color="#a50026" alpha="255" label="70 °C : plein soleil, murs chauds"/>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2" zoomedOutResampler="bilinear"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
