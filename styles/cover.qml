<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Rendering" hasScaleBasedVisibilityFlag="0">
  <pipe>
    <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
      <rasterTransparency/>
      <colorPalette>
        <paletteEntry value="1" color="#be323c" alpha="255" label="1 : bâtiment"/>
        <paletteEntry value="2" color="#6e6e74" alpha="255" label="2 : sol revêtu (enrobé, dalles)"/>
        <paletteEntry value="3" color="#d6c8b0" alpha="255" label="3 : minéral perméable (gravier)"/>
        <paletteEntry value="4" color="#b08458" alpha="255" label="4 : sol nu"/>
        <paletteEntry value="5" color="#badb78" alpha="255" label="5 : herbe"/>
        <paletteEntry value="6" color="#7ab854" alpha="255" label="6 : arbuste (0,5 à 3 m)"/>
        <paletteEntry value="7" color="#005a28" alpha="255" label="7 : arbre sur sol perméable"/>
        <paletteEntry value="8" color="#1e505a" alpha="255" label="8 : arbre sur sol revêtu"/>
        <paletteEntry value="9" color="#4682c8" alpha="255" label="9 : eau"/>
      </colorPalette>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
