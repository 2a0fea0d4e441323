<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Rendering" hasScaleBasedVisibilityFlag="0">
  <pipe>
    <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
      <rasterTransparency/>
      <colorPalette>
        <paletteEntry value="1" color="#8c0000" alpha="255" label="1 : ensemble compact de tours"/>
        <paletteEntry value="2" color="#d10000" alpha="255" label="2 : ensemble compact d'immeubles"/>
        <paletteEntry value="3" color="#ff0000" alpha="255" label="3 : ensemble compact de maisons"/>
        <paletteEntry value="4" color="#bf4d00" alpha="255" label="4 : ensemble de tours espacées"/>
        <paletteEntry value="5" color="#ff6600" alpha="255" label="5 : ensemble d'immeubles espacés"/>
        <paletteEntry value="6" color="#ff9955" alpha="255" label="6 : ensemble de maisons espacées"/>
        <paletteEntry value="7" color="#faee05" alpha="255" label="7 : constructions légères"/>
        <paletteEntry value="8" color="#bcbcbc" alpha="255" label="8 : bâtiments bas de grande emprise"/>
        <paletteEntry value="9" color="#ffccaa" alpha="255" label="9 : bâti dispersé"/>
        <paletteEntry value="10" color="#555555" alpha="255" label="10 : industrie lourde"/>
        <paletteEntry value="11" color="#006a00" alpha="255" label="A : espace arboré dense"/>
        <paletteEntry value="12" color="#00aa00" alpha="255" label="B : espace arboré clairsemé"/>
        <paletteEntry value="13" color="#648525" alpha="255" label="C : espace arbustif"/>
        <paletteEntry value="14" color="#b9db79" alpha="255" label="D : végétation basse"/>
        <paletteEntry value="15" color="#000000" alpha="255" label="E : sol imperméable ou rocheux"/>
        <paletteEntry value="16" color="#fbf7ae" alpha="255" label="F : sol nu ou sable"/>
        <paletteEntry value="17" color="#6a6aff" alpha="255" label="G : eau"/>
      </colorPalette>
    </rasterrenderer>
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
    <rasterresampler maxOversampling="2"/>
  </pipe>
  <blendMode>0</blendMode>
</qgis>
