//! ISO 19115 as XML after ISO 19139, with the elements that INSPIRE asks for.
//!
//! In: a dataset. Out: its record, in French. What is unknown is there with the reason `unknown`, so that a form in a
//! géocatalogue shows what is left to fill in. Fails where: nothing. Cost: microseconds.

use super::{Context, Dataset};
use crate::formats::crs::Crs;
use crate::formats::raster::escaped;
use crate::publish::credits::{Credits, OPEN_TEXT};
use std::fmt::Write as _;

const CODES: &str = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml";

/// The record of a dataset.
pub fn record(dataset: &Dataset, context: &Context, credits: &Credits) -> String {
    let Context { today, .. } = context;
    let identifier = identifier(dataset, context);
    let reference = reference(context.system(dataset));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:gco=\"http://www.isotc211.org/2005/gco\" \
         xmlns:gml=\"http://www.opengis.net/gml\" xmlns:gmx=\"http://www.isotc211.org/2005/gmx\" \
         xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  \
         <gmd:fileIdentifier>{}</gmd:fileIdentifier>\n  \
         <gmd:language><gmd:LanguageCode codeList=\"http://www.loc.gov/standards/iso639-2/\" codeListValue=\"fre\">fre</gmd:LanguageCode></gmd:language>\n  \
         <gmd:characterSet>{}</gmd:characterSet>\n  \
         <gmd:hierarchyLevel>{}</gmd:hierarchyLevel>\n  \
         <gmd:contact>{}</gmd:contact>\n  \
         <gmd:dateStamp><gco:Date>{today}</gco:Date></gmd:dateStamp>\n  \
         <gmd:metadataStandardName>{}</gmd:metadataStandardName>\n  \
         <gmd:metadataStandardVersion>{}</gmd:metadataStandardVersion>\n  \
         <gmd:referenceSystemInfo>{reference}</gmd:referenceSystemInfo>\n  \
         <gmd:identificationInfo>\n{}  </gmd:identificationInfo>\n  \
         <gmd:distributionInfo>\n{}  </gmd:distributionInfo>\n  \
         <gmd:dataQualityInfo>\n{}  </gmd:dataQualityInfo>\n</gmd:MD_Metadata>\n",
        words(&identifier),
        code("MD_CharacterSetCode", "utf8"),
        code("MD_ScopeCode", "dataset"),
        party(credits, "pointOfContact"),
        words("ISO 19115"),
        words("2003/Cor.1:2006"),
        identification(dataset, context, credits, &identifier),
        distribution(dataset),
        quality(dataset, context),
    )
}

/// The same for the same results: a name, and what they were made from.
fn identifier(dataset: &Dataset, context: &Context) -> String {
    format!("ilot-{}-{}", context.origin, dataset.name)
}

fn words(text: &str) -> String {
    format!("<gco:CharacterString>{}</gco:CharacterString>", escaped(text))
}

fn code(list: &str, value: &str) -> String {
    format!("<gmd:{list} codeList=\"{CODES}#{list}\" codeListValue=\"{value}\">{value}</gmd:{list}>")
}

/// An element with a text, or the remark that it is unknown.
fn known(element: &str, text: Option<&str>) -> String {
    match text {
        Some(text) => format!("<gmd:{element}>{}</gmd:{element}>", words(text)),
        None => format!("<gmd:{element} gco:nilReason=\"unknown\"/>"),
    }
}

fn party(credits: &Credits, role: &str) -> String {
    let name = known("organisationName", credits.section.producer.as_deref());
    let mail = known("electronicMailAddress", credits.section.contact.as_deref());
    format!(
        "<gmd:CI_ResponsibleParty>{name}<gmd:contactInfo><gmd:CI_Contact><gmd:address><gmd:CI_Address>{mail}</gmd:CI_Address>\
         </gmd:address></gmd:CI_Contact></gmd:contactInfo><gmd:role>{}</gmd:role></gmd:CI_ResponsibleParty>",
        code("CI_RoleCode", role)
    )
}

fn reference(crs: &Crs) -> String {
    let crs = crs.horizontal_epsg().map_or_else(
        || words(crs.name()),
        |code| {
            let name = escaped(crs.name());
            format!("<gmx:Anchor xlink:href=\"http://www.opengis.net/def/crs/EPSG/0/{code}\">EPSG:{code} {name}</gmx:Anchor>")
        },
    );
    format!(
        "<gmd:MD_ReferenceSystem><gmd:referenceSystemIdentifier><gmd:RS_Identifier><gmd:code>{crs}</gmd:code>\
         </gmd:RS_Identifier></gmd:referenceSystemIdentifier></gmd:MD_ReferenceSystem>"
    )
}

fn dated(title: &str, date: &str, kind: &str) -> String {
    format!(
        "<gmd:CI_Citation><gmd:title>{}</gmd:title><gmd:date><gmd:CI_Date><gmd:date><gco:Date>{date}</gco:Date></gmd:date>\
         <gmd:dateType>{}</gmd:dateType></gmd:CI_Date></gmd:date>",
        words(title),
        code("CI_DateTypeCode", kind)
    )
}

fn identification(dataset: &Dataset, context: &Context, credits: &Credits, identifier: &str) -> String {
    let citation = dated(dataset.title.fr, &context.today, "creation");
    let kind = if dataset.cell.is_some() { "grid" } else { "vector" };
    let mut text = String::new();
    let _ = write!(
        text,
        "    <gmd:MD_DataIdentification>\n      <gmd:citation>{citation}<gmd:identifier><gmd:MD_Identifier><gmd:code>{}</gmd:code>\
         </gmd:MD_Identifier></gmd:identifier></gmd:CI_Citation></gmd:citation>\n      \
         <gmd:abstract>{}</gmd:abstract>\n      <gmd:pointOfContact>{}</gmd:pointOfContact>\n{}{}      \
         <gmd:spatialRepresentationType>{}</gmd:spatialRepresentationType>\n",
        words(identifier),
        words(dataset.meaning.fr),
        party(credits, "owner"),
        keywords(dataset),
        constraints(credits),
        code("MD_SpatialRepresentationTypeCode", kind),
    );
    if let Some(cell) = dataset.cell {
        let _ = writeln!(
            text,
            "      <gmd:spatialResolution><gmd:MD_Resolution><gmd:distance><gco:Distance uom=\"m\">{cell}</gco:Distance>\
             </gmd:distance></gmd:MD_Resolution></gmd:spatialResolution>"
        );
    }
    let [west, south, east, north] = context.bounds;
    let degrees =
        |name: &str, value: f64| format!("<gmd:{name}><gco:Decimal>{value:.6}</gco:Decimal></gmd:{name}>");
    let _ = write!(
        text,
        "      <gmd:language><gmd:LanguageCode codeList=\"http://www.loc.gov/standards/iso639-2/\" codeListValue=\"fre\">fre</gmd:LanguageCode></gmd:language>\n      \
         <gmd:characterSet>{}</gmd:characterSet>\n      \
         <gmd:topicCategory><gmd:MD_TopicCategoryCode>{}</gmd:MD_TopicCategoryCode></gmd:topicCategory>\n      \
         <gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>{}{}{}{}</gmd:EX_GeographicBoundingBox>\
         </gmd:geographicElement></gmd:EX_Extent></gmd:extent>\n    </gmd:MD_DataIdentification>\n",
        code("MD_CharacterSetCode", "utf8"),
        dataset.theme.topic,
        degrees("westBoundLongitude", west),
        degrees("eastBoundLongitude", east),
        degrees("southBoundLatitude", south),
        degrees("northBoundLatitude", north),
    );
    text
}

/// The theme of INSPIRE, after its thesaurus, and free words.
fn keywords(dataset: &Dataset) -> String {
    let thesaurus = dated("GEMET - INSPIRE themes, version 1.0", "2008-06-01", "publication");
    format!(
        "      <gmd:descriptiveKeywords><gmd:MD_Keywords><gmd:keyword>{}</gmd:keyword><gmd:type>{}</gmd:type>\
         <gmd:thesaurusName>{thesaurus}</gmd:CI_Citation></gmd:thesaurusName></gmd:MD_Keywords></gmd:descriptiveKeywords>\n      \
         <gmd:descriptiveKeywords><gmd:MD_Keywords><gmd:keyword>{}</gmd:keyword><gmd:keyword>{}</gmd:keyword></gmd:MD_Keywords></gmd:descriptiveKeywords>\n",
        words(dataset.theme.inspire),
        code("MD_KeywordTypeCode", "theme"),
        words("données ouvertes"),
        words(dataset.name),
    )
}

/// The licence, or that it is unknown, and that nothing limits who may see the data.
fn constraints(credits: &Credits) -> String {
    let licence = match credits.section.licence.as_deref() {
        Some(text) => text.to_owned(),
        None => "Licence des résultats non précisée : demandez au producteur.".to_owned(),
    };
    let source = if credits.lidar_hd {
        format!(" Données sources : LiDAR HD © IGN, Licence Ouverte 2.0 ({OPEN_TEXT}).")
    } else {
        String::new()
    };
    let open = "<gmx:Anchor xlink:href=\"http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations\">\
                Pas de restriction d'accès public</gmx:Anchor>";
    let other = code("MD_RestrictionCode", "otherRestrictions");
    format!(
        "      <gmd:resourceConstraints><gmd:MD_LegalConstraints><gmd:useConstraints>{other}</gmd:useConstraints>\
         <gmd:otherConstraints>{}</gmd:otherConstraints></gmd:MD_LegalConstraints></gmd:resourceConstraints>\n      \
         <gmd:resourceConstraints><gmd:MD_LegalConstraints><gmd:accessConstraints>{other}</gmd:accessConstraints>\
         <gmd:otherConstraints>{open}</gmd:otherConstraints></gmd:MD_LegalConstraints></gmd:resourceConstraints>\n",
        words(&format!("{licence}{source}")),
    )
}

fn distribution(dataset: &Dataset) -> String {
    let mut text = String::from("    <gmd:MD_Distribution>\n");
    for file in &dataset.files {
        let _ = writeln!(
            text,
            "      <gmd:distributionFormat><gmd:MD_Format><gmd:name>{}</gmd:name><gmd:version gco:nilReason=\"inapplicable\"/></gmd:MD_Format></gmd:distributionFormat>",
            words(file.format)
        );
    }
    text.push_str("      <gmd:transferOptions><gmd:MD_DigitalTransferOptions>\n");
    for file in &dataset.files {
        let _ = writeln!(
            text,
            "        <gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>../{}</gmd:URL></gmd:linkage><gmd:name>{}</gmd:name></gmd:CI_OnlineResource></gmd:onLine>",
            escaped(&file.path),
            words(file.format)
        );
    }
    text + "      </gmd:MD_DigitalTransferOptions></gmd:transferOptions>\n    </gmd:MD_Distribution>\n"
}

/// Lineage, and that nobody has checked the data against a specification of INSPIRE.
fn quality(dataset: &Dataset, context: &Context) -> String {
    let method = if dataset.source.is_empty() {
        String::new()
    } else {
        format!(" Méthode : {}.", dataset.source.trim_end_matches('.'))
    };
    let title =
        "Règlement (UE) n° 1089/2010 sur l'interopérabilité des séries et services de données géographiques";
    let rule = dated(title, "2010-12-08", "publication");
    format!(
        "    <gmd:DQ_DataQuality>\n      <gmd:scope><gmd:DQ_Scope><gmd:level>{}</gmd:level></gmd:DQ_Scope></gmd:scope>\n      \
         <gmd:report><gmd:DQ_DomainConsistency><gmd:result><gmd:DQ_ConformanceResult><gmd:specification>{rule}</gmd:CI_Citation></gmd:specification>\
         <gmd:explanation>{}</gmd:explanation><gmd:pass gco:nilReason=\"unknown\"/></gmd:DQ_ConformanceResult></gmd:result></gmd:DQ_DomainConsistency></gmd:report>\n      \
         <gmd:lineage><gmd:LI_Lineage><gmd:statement>{}</gmd:statement></gmd:LI_Lineage></gmd:lineage>\n    </gmd:DQ_DataQuality>\n",
        code("MD_ScopeCode", "dataset"),
        words("Conformité non évaluée"),
        words(&format!("{}{method}", context.lineage)),
    )
}
