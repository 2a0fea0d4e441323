<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Rendering" hasScaleBasedVisibilityFlag="0">
  <pipe>
    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" nodataColor="" classificationMin="0" classificationMax="40">
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
        <colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="0" maximumValue="40" labelPrecision="2">
          <item value="0" color="#ffffe5" alpha="0" label="0 m : sol"/>
          <item value="0.5" color="#fffacd" alpha="255" label="0,5 m : herbe, muret"/>
          <item value="3" color="#c2e699" alpha="255" label="3 m : haie, arbuste"/>
          <item value="8" color="#5ab471" alpha="255" label="8 m : maison, petit arbre"/>
          <item value="15" color="#227878" alpha="255" label="15 m : immeuble, arbre"/>
          <item value="25" color="#1e4678" alpha="255" label="25 m : grand arbre, église"/>
          <item value="40" color="#301250" alpha="255" label="40 m et plus"/>
        </colorrampshader>
      </rastershader>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2" zoomedOutResampler="bilinear"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
