<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Rendering" hasScaleBasedVisibilityFlag="0">
  <pipe>
    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="-2" classificationMax="5">
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
        <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="-2" maximumValue="5" labelPrecision="2">
          <item value="-2" color="#3154a0" alpha="255" label="−2 K : plus frais que la campagne"/>
          <item value="0" color="#deebf7" alpha="255" label="0 K : comme la campagne"/>
          <item value="1" color="#fef0c9" alpha="255" label="1 K : un peu plus chaud"/>
          <item value="2" color="#fdbb70" alpha="255" label="2 K : sensiblement plus chaud"/>
          <item value="3" color="#f06e46" alpha="255" label="3 K : nuits difficiles"/>
          <item value="5" color="#961432" alpha="255" label="5 K et plus : îlot marqué"/>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2" zoomedOutResampler="bilinear"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
