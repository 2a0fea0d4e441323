//! DCAT-AP 2 as JSON-LD: what portals of open data read.
//!
//! In: the datasets of a run. Out: a catalogue of them. Addresses are relative to the file: a portal that harvests it from
//! where it is published resolves them. Fails where: nothing. Cost: microseconds.

use super::{Context, Dataset, File};
use crate::publish::credits::Credits;
use serde_json::{Value, json};

/// Themes of the Publications Office of the European Union.
const ENVIRONMENT: &str = "http://publications.europa.eu/resource/authority/data-theme/ENVI";
const FRENCH: &str = "http://publications.europa.eu/resource/authority/language/FRA";

/// The catalogue.
pub fn catalogue(datasets: &[Dataset], context: &Context, credits: &Credits) -> String {
    let all: Vec<Value> = datasets.iter().map(|dataset| of(dataset, context, credits)).collect();
    let value = json!({
        "@context": words(),
        "@id": "catalogue.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": [said("Résultats d'ilot", "fr"), said("Results of ilot", "en")],
        "dct:description": [
            said("Cartes et couches calculées par ilot à partir de nuages de points LiDAR.", "fr"),
            said("Maps and layers made by ilot of LiDAR point clouds.", "en"),
        ],
        "dct:language": { "@id": FRENCH },
        "dct:publisher": publisher(credits),
        "dct:modified": day(&context.today),
        "dcat:dataset": all,
    });
    serde_json::to_string_pretty(&value).expect("strings and numbers") + "\n"
}

fn words() -> Value {
    json!({
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "geosparql": "http://www.opengis.net/ont/geosparql#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    })
}

fn said(text: &str, language: &str) -> Value {
    json!({ "@value": text, "@language": language })
}

fn day(date: &str) -> Value {
    json!({ "@type": "xsd:date", "@value": date })
}

fn publisher(credits: &Credits) -> Value {
    let name = credits.section.producer.as_deref().unwrap_or("Producteur non précisé");
    json!({ "@type": "foaf:Agent", "foaf:name": name })
}

fn of(dataset: &Dataset, context: &Context, credits: &Credits) -> Value {
    let [west, south, east, north] = context.bounds;
    let outline = format!(
        "POLYGON(({west:.6} {south:.6}, {east:.6} {south:.6}, {east:.6} {north:.6}, {west:.6} {north:.6}, {west:.6} {south:.6}))"
    );
    let identifier = format!("ilot-{}-{}", context.origin, dataset.name);
    let mut value = json!({
        "@id": format!("#{}", dataset.name),
        "@type": "dcat:Dataset",
        "dct:identifier": identifier,
        "dct:title": [said(dataset.title.fr, "fr"), said(dataset.title.en, "en")],
        "dct:description": [said(dataset.meaning.fr, "fr"), said(dataset.meaning.en, "en")],
        "dct:publisher": publisher(credits),
        "dct:modified": day(&context.today),
        "dct:language": { "@id": FRENCH },
        "dcat:theme": { "@id": ENVIRONMENT },
        "dcat:keyword": [said(dataset.theme.inspire, "fr"), said(dataset.name, "fr")],
        "dct:spatial": {
            "@type": "dct:Location",
            "dcat:bbox": { "@type": "geosparql:wktLiteral", "@value": outline },
        },
        "dct:provenance": { "@type": "dct:ProvenanceStatement", "rdfs:label": said(&context.lineage, "fr") },
        "dcat:distribution": dataset.files.iter().map(|file| distribution(file, dataset, credits)).collect::<Vec<_>>(),
    });
    if let Some(code) = context.system(dataset).horizontal_epsg() {
        let crs = format!("http://www.opengis.net/def/crs/EPSG/0/{code}");
        value["dct:conformsTo"] = json!({ "@id": crs, "@type": "dct:Standard" });
    }
    if let Some(cell) = dataset.cell {
        value["dcat:spatialResolutionInMeters"] =
            json!({ "@type": "xsd:decimal", "@value": cell.to_string() });
    }
    if let Some(contact) = &credits.section.contact {
        let mail = json!({ "@id": format!("mailto:{contact}") });
        let name = credits.section.producer.as_deref().unwrap_or(contact);
        value["dcat:contactPoint"] =
            json!({ "@type": "vcard:Organization", "vcard:fn": name, "vcard:hasEmail": mail });
    }
    value
}

fn distribution(file: &File, dataset: &Dataset, credits: &Credits) -> Value {
    let mut value = json!({
        "@type": "dcat:Distribution",
        "dct:title": said(&format!("{} ({})", dataset.title.fr, file.format), "fr"),
        "dcat:accessURL": { "@id": format!("../{}", file.path) },
        "dcat:downloadURL": { "@id": format!("../{}", file.path) },
        "dcat:mediaType": { "@id": format!("https://www.iana.org/assignments/media-types/{}", file.kind) },
        "dcat:byteSize": { "@type": "xsd:decimal", "@value": file.bytes.to_string() },
    });
    if credits.spdx() != "other" {
        value["dct:license"] = json!({ "@id": format!("https://spdx.org/licenses/{}", credits.spdx()) });
    }
    value
}
