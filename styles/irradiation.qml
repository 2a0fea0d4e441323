<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Rendering" hasScaleBasedVisibilityFlag="0">
  <pipe>
    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="0" classificationMax="2200">
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
        <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="0" maximumValue="2200" labelPrecision="2">
          <item value="0" color="#14143c" alpha="255" label="0 : jamais éclairé"/>
          <item value="500" color="#463278" alpha="255" label="500 : fond de cour, mur nord"/>
          <item value="1000" color="#a04678" alpha="255" label="1000 : pan nord raide"/>
          <item value="1500" color="#e67850" alpha="255" label="1500 : pan nord doux, partie ombragée"/>
          <item value="1800" color="#fab446" alpha="255" label="1800 : toit plat dégagé"/>
          <item value="2200" color="#fff5aa" alpha="255" label="2200 et plus : pan sud"/>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2" zoomedOutResampler="bilinear"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
