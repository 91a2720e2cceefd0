//! The built page, read once at the start into a map from path to bytes. No file path is ever made from a request.

use crate::http::Body;
use crate::http::Reply;
use crate::http::Request;
use crate::http::entity::Entity;
use crate::http::server::StartError;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A built page has a few dozen files of a few hundred kilobytes; more files mean a wrong directory.
const FILES_LIMIT: usize = 1000;
const BYTES_LIMIT: usize = 64 * 1024 * 1024;

/// Vite puts files that are named after their content here; they never change.
const HASHED: &str = "/assets/";

const INDEX: &str = "/index.html";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Platecast</title>\
<h1>Platecast is running, without its page</h1>\
<p>The page has not been built. Build it with <code>npm --prefix frontend ci</code> and \
<code>npm --prefix frontend run build</code>, or set <code>FRONTEND_DIR</code> to where it lies; then start \
Platecast again.</p><p>The cameras are served meanwhile: <code>/api/printers</code>, \
<code>/hls/&lt;id&gt;/stream.m3u8</code>.</p></html>\n";

/// How the page names its build; `vite.config.ts` writes it into the head.
const BUILD: &str = "<meta name=\"build\" content=\"";

/// The files of the page, by path.
#[derive(Debug)]
pub struct Files {
    by_path: HashMap<String, File>,
    /// The build that the page names: an open page learns by it that it has been replaced. `None` if it names none: the
    /// hint how to build a page replaces nothing.
    build: Option<Arc<str>>,
}

#[derive(Debug)]
struct File {
    content_type: &'static str,
    cache_control: &'static str,
    /// The beginning of the plain bytes' SHA-256, in hex.
    digest: String,
    plain: Arc<[u8]>,
    /// The gzipped bytes, if they are fewer.
    gzip: Option<Arc<[u8]>>,
}

impl Files {
    /// Reads `dir`. Without an `index.html` in it, the page explains how to build one.
    ///
    /// # Errors
    /// If a file exists and cannot be read.
    pub fn load(dir: &Path) -> Result<Self, StartError> {
        if !dir.join("index.html").is_file() {
            log::warn!("there is no page in {}", dir.display());
            return Ok(Self::missing());
        }
        let mut found = HashMap::new();
        read_tree(dir, &mut found).map_err(|(path, source)| StartError::Page { path, source })?;
        Ok(Self::new(found))
    }

    /// Returns only the page that explains how to build the page.
    pub fn missing() -> Self {
        Self::new(HashMap::from([(INDEX.to_owned(), NOT_BUILT.into())]))
    }

    fn new(found: HashMap<String, Vec<u8>>) -> Self {
        let build = found.get(INDEX).and_then(|page| build_of(page)).map(Arc::from);
        let by_path = found.into_iter().map(|(path, bytes)| (path.clone(), File::new(&path, bytes))).collect();
        Self { by_path, build }
    }

    /// Returns the id of the served build; the page has the same one in `<meta name="build">`.
    pub fn build(&self) -> Option<Arc<str>> {
        self.build.clone()
    }

    /// Answers with the page.
    pub fn page(&self, request: &Request) -> Reply {
        self.file(INDEX, request).unwrap_or_else(|| Reply::empty(404))
    }

    /// Answers with the file at `path`.
    pub fn file(&self, path: &str, request: &Request) -> Option<Reply> {
        self.by_path.get(path).map(|file| file.reply(request))
    }
}

impl File {
    fn new(path: &str, bytes: Vec<u8>) -> Self {
        let content_type = content_type(path);
        let gzip = compress(&bytes).ok().filter(|gzip| is_compressible(content_type) && gzip.len() < bytes.len());
        let digest = hex(&Sha256::digest(&bytes));
        let cache_control = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        Self { content_type, cache_control, digest, plain: bytes.into(), gzip: gzip.map(Arc::from) }
    }

    fn reply(&self, request: &Request) -> Reply {
        let headers =
            vec![("Cache-Control", self.cache_control.to_owned()), ("Content-Type", self.content_type.to_owned())];
        let entity = Entity::new(request, self.digest.clone(), headers);
        match &self.gzip {
            Some(gzip) => entity.plain_or_gzip(&self.plain, || Some(Arc::clone(gzip))),
            None => entity.whole(|| Body::Shared(Arc::clone(&self.plain))),
        }
    }
}

/// Returns the first twelve bytes in hex: enough to tell the files of a page apart.
fn hex(digest: &[u8]) -> String {
    digest.iter().take(12).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns the build that a page names, if it names one.
fn build_of(page: &[u8]) -> Option<&str> {
    let (_, rest) = std::str::from_utf8(page).ok()?.split_once(BUILD)?;
    let (build, _) = rest.split_once('"')?;
    (!build.is_empty()).then_some(build)
}

/// Reads all regular files below `dir`; it does not follow links and skips hidden files.
fn read_tree(dir: &Path, found: &mut HashMap<String, Vec<u8>>) -> Result<(), (PathBuf, io::Error)> {
    let mut bytes_in_all = 0;
    let mut to_do = vec![(dir.to_owned(), String::new())];
    while let Some((dir, prefix)) = to_do.pop() {
        for entry in fs::read_dir(&dir).map_err(|error| (dir.clone(), error))? {
            let entry = entry.map_err(|error| (dir.clone(), error))?;
            let path = entry.path();
            let failed = |error| (path.clone(), error);
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let address = format!("{prefix}/{name}");
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                to_do.push((path, address));
            } else if kind.is_file() {
                let bytes = fs::read(&path).map_err(failed)?;
                bytes_in_all += bytes.len();
                if found.len() >= FILES_LIMIT || bytes_in_all > BYTES_LIMIT {
                    return Err((path, io::Error::other("there is too much here to be a built page")));
                }
                found.insert(address, bytes);
            }
        }
    }
    Ok(())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn is_compressible(content_type: &str) -> bool {
    content_type.starts_with("text/") || content_type.contains("json") || content_type == "image/svg+xml"
}

fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;

    fn request(fields: &[(&str, &str)]) -> Request {
        let headers = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method: Method::Get, path: "/".to_owned(), query: None, headers, body: Vec::new() }
    }

    fn field<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
        reply.headers.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str())
    }

    /// Builds a page with one script of 4000 bytes, in its own directory.
    fn built(name: &str) -> Files {
        let dir = std::env::temp_dir().join(format!("platecast-files-{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("assets")).unwrap();
        fs::write(
            dir.join("index.html"),
            "<!doctype html><head><meta name=\"build\" content=\"ab12\"><title>page</title></head>",
        )
        .unwrap();
        fs::write(dir.join("assets/app-Ab12.js"), "let a;".repeat(700)).unwrap();
        fs::write(dir.join(".env"), "secret").unwrap();
        let files = Files::load(&dir).unwrap();
        fs::remove_dir_all(&dir).unwrap();
        files
    }

    #[test]
    fn hashed_files_are_cached_and_the_page_is_revalidated() {
        let files = built("hashed");
        let script = files.file("/assets/app-Ab12.js", &request(&[])).unwrap();
        assert_eq!(field(&script, "Cache-Control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(field(&script, "Content-Type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(script.body.len(), 4200);
        let page = files.page(&request(&[]));
        assert_eq!(field(&page, "Cache-Control"), Some("no-cache"));
        for unknown in ["/.env", "/nothing", "/assets", "/assets/../index.html", ""] {
            assert!(files.file(unknown, &request(&[])).is_none(), "{unknown}");
        }
    }

    #[test]
    fn a_matching_etag_gets_304_and_gzip_gets_fewer_bytes() {
        let files = built("known");
        let get = |fields: &[(&str, &str)]| files.file("/assets/app-Ab12.js", &request(fields)).unwrap();
        let etag = field(&get(&[]), "ETag").unwrap().to_owned();
        for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
            assert_eq!(get(&[("if-none-match", &known)]).status, 304, "{known}");
        }
        assert_eq!(get(&[("if-none-match", "\"x\"")]).status, 200);
        assert_eq!(get(&[("if-none-match", &etag), ("accept-encoding", "gzip")]).status, 200, "other bytes, other tag");
        let check = |accepted: &str, gzip: bool| {
            let reply = get(&[("accept-encoding", accepted)]);
            assert_eq!(field(&reply, "Content-Encoding").is_some(), gzip, "{accepted}");
            assert_eq!(reply.body.len() < 4200, gzip, "{accepted}");
        };
        check("gzip, deflate, br", true);
        check("br;q=1.0, GZIP;q=0.8", true);
        check("*", true);
        check("gzip;q=0", false);
        check("br", false);
    }

    #[test]
    fn the_build_is_the_one_that_the_page_names() {
        assert_eq!(built("named").build().as_deref(), Some("ab12"));
        for nameless in ["", "<head></head>", "<meta name=\"build\" content=\"", "<meta name=\"build\" content=\"\">"] {
            assert_eq!(build_of(nameless.as_bytes()), None, "{nameless}");
        }
    }

    #[test]
    fn a_missing_page_says_how_to_build_it() {
        let files = Files::load(Path::new("/nonexistent")).unwrap();
        let page = files.page(&request(&[]));
        assert_eq!(page.status, 200);
        assert!(String::from_utf8(page.body.pieces().concat()).unwrap().contains("npm --prefix frontend run build"));
        assert!(files.build().is_none(), "it replaces no page that is open");
    }
}
