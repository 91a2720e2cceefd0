//! The endpoints for printers and their cameras, with JSON and events.

use crate::advice::{self, printers};
use crate::base::error_chain;
use crate::base::secret::Secret;
use crate::diagnosis::{TestError, TooMany};
use crate::fleet::{CommandResult, EditError};
use crate::http::Answer;
use crate::http::Reply;
use crate::http::endpoints::diagnosis::TestEvents;
use crate::http::endpoints::events::Events;
use crate::http::endpoints::found::not_greeted;
use crate::http::problem::{NO_PRINTER, Problem};
use crate::http::routing::endpoint::{Answered, Call};
use crate::http::view;
use crate::http::view::events::StatusJson;
use crate::printer::command::Command;
use crate::printer::{Draft, FieldError, Mistake, PrinterId};
use crate::registry::RegistryError;
use serde_json::{Map, Value};

/// `GET /healthz`
pub fn health(_: &Call<'_>) -> Answered {
    Ok(Reply::json(200, &view::Healthy::YES).into())
}

/// `GET /api/printers`
pub fn list(call: &Call<'_>) -> Answered {
    let (printers, codes) = (call.fleet().printers(), call.installation.access_codes);
    let printers: Vec<_> = printers.iter().map(|printer| view::Printer::new(printer, codes)).collect();
    Ok(Reply::json(200, &printers).into())
}

/// `GET /api/printers/{id}`
pub fn show(call: &Call<'_>) -> Answered {
    let printer = call.fleet().printer(call.printer()?).ok_or(NO_PRINTER)?;
    Ok(Reply::json(200, &view::Printer::new(&printer, call.installation.access_codes)).into())
}

/// `POST /api/printers`
pub fn add(call: &Call<'_>) -> Answered {
    let rules = call.fleet().settings().rules;
    let draft = call.installation.finding.complete(draft(&call.request.body)?, rules);
    let draft = draft.map_err(|error| not_greeted(&error))?;
    let printer = call.fleet().add(draft).map_err(|error| problem(&error))?;
    let mut reply = Reply::json(201, &view::Printer::new(&printer, call.installation.access_codes));
    reply.headers.push(("Location", format!("/api/printers/{}", printer.id)));
    Ok(reply.into())
}

/// `PUT /api/printers/{id}`
pub fn edit(call: &Call<'_>) -> Answered {
    let edited = call.fleet().edit(call.printer()?, draft(&call.request.body)?);
    let printer = edited.map_err(|error| problem(&error))?;
    Ok(Reply::json(200, &view::Printer::new(&printer, call.installation.access_codes)).into())
}

/// `DELETE /api/printers/{id}`
pub fn remove(call: &Call<'_>) -> Answered {
    call.fleet().remove(call.printer()?).map_err(|error| problem(&error))?;
    Ok(Reply::empty(204).into())
}

/// `GET /api/printers/{id}/camera`
pub fn camera(call: &Call<'_>) -> Answered {
    let report = call.fleet().camera(call.printer()?).ok_or(NO_PRINTER)?;
    Ok(Reply::json(200, &view::Camera::from(report)).into())
}

/// `GET /api/printers/{id}/status`
pub fn status(call: &Call<'_>) -> Answered {
    let status = call.fleet().status(call.printer()?).ok_or(NO_PRINTER)?;
    Ok(Reply::json(200, &StatusJson::of(&status)).into())
}

/// `GET /api/printers/{id}/status/stream`
pub fn status_stream(call: &Call<'_>) -> Answered {
    let events = Events::of_printer(call.fleet(), call.printer()?, call.context.stop()).ok_or(NO_PRINTER)?;
    Ok(Answer::Stream(Box::new(events)))
}

/// `GET /api/printers/{id}/history`
pub fn history(call: &Call<'_>) -> Answered {
    let (readings, until_unix_ms) = call.fleet().heat_history(call.printer()?).ok_or(NO_PRINTER)?;
    Ok(Reply::json(200, &view::History::new(&readings, until_unix_ms)).into())
}

/// `GET /api/events`
pub fn events(call: &Call<'_>) -> Answered {
    Ok(Answer::Stream(Box::new(Events::of_fleet(call.fleet(), call.installation.files.build(), call.context.stop()))))
}

/// `POST /api/printers/{id}/command`
pub fn command(call: &Call<'_>) -> Answered {
    const FORM: Problem = Problem::BadRequest(
        "The body must be like {\"type\":\"pause\"}, with `pause`, `resume` or `stop`, or {\"type\":\"light\",\"on\":true}.",
    );
    let id = call.printer()?;
    let form: view::CommandForm = serde_json::from_slice(&call.request.body).map_err(|_| FORM)?;
    let (command, job) = match form {
        view::CommandForm::Pause { job_id } => (Command::Pause, job_id),
        view::CommandForm::Resume { job_id } => (Command::Resume, job_id),
        view::CommandForm::Stop { job_id } => (Command::Stop, job_id),
        view::CommandForm::Light { on } => (Command::Light { on }, None),
    };
    let result = call.fleet().command(id, command, job).map_err(|_| NO_PRINTER)?;
    // The person whom a proxy has signed in.
    let person = call.request.header("cf-access-authenticated-user-email");
    let who = person.map_or_else(|| "somebody".to_owned(), plain_person);
    log::info!("p{id}: {command:?} by {who}: {}", result.word());
    let Some(advice) = advice::of_command(&result) else {
        let happened = result == CommandResult::Accepted { happened: true };
        return Ok(Reply::json(200, &view::CommandDone { ok: true, accepted: true, happened }).into());
    };
    Err(match result {
        CommandResult::NotConnected(_) => Problem::Unavailable(advice),
        CommandResult::NoAnswer(_) => Problem::NoAnswer(advice),
        _ => Problem::NotNow(advice),
    })
}

/// Sanitizes a header value that anybody on the LAN can send. It is used for the log, never for permission.
fn plain_person(person: &str) -> String {
    person.chars().filter(char::is_ascii_graphic).take(100).collect()
}

/// `POST /api/printers/test`
pub fn test(call: &Call<'_>) -> Answered {
    const NO_ID: Problem = Problem::BadRequest("The id must be a whole number above 0, or null.");
    let body = &call.request.body;
    let like = match object(body)?.get("id") {
        None | Some(Value::Null) => None,
        Some(id) => Some(PrinterId(id.as_i64().filter(|id| *id > 0).ok_or(NO_ID)?)),
    };
    let tests = &call.installation.tests;
    let test = tests.test(call.fleet(), draft(body)?, like).map_err(|error| no_test(&error))?;
    Ok(Answer::Stream(Box::new(TestEvents::new(test, call.context.stop()))))
}

/// `POST /api/printers/{id}/test`
pub fn diagnose(call: &Call<'_>) -> Answered {
    let tests = &call.installation.tests;
    let test = tests.diagnose(call.fleet(), call.printer()?).map_err(|error| no_test(&error))?;
    Ok(Answer::Stream(Box::new(TestEvents::new(test, call.context.stop()))))
}

fn no_test(error: &TestError) -> Problem {
    match error {
        TestError::Fields(fields) => Problem::Fields(fields.clone()),
        TestError::NotFound => NO_PRINTER,
        TestError::TooMany(TooMany { retry_after }) => Problem::Busy(advice::test::TOO_MANY, *retry_after),
        TestError::Thread(failed) => {
            log::error!("a test could not be started: {failed}");
            Problem::Unavailable(advice::test::NO_THREADS.plain())
        }
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Problem::BadRequest("The body is not a JSON object.")),
    }
}

/// Parses a printer as a person typed it. Unknown fields are ignored: a client may send back what it received.
pub(in crate::http) fn draft(body: &[u8]) -> Result<Draft, Problem> {
    let mut fields = object(body)?;
    let mut wrong = Vec::new();
    let accept_certificate = take_truth(&mut fields, "acceptCertificate", &mut wrong);
    // Answers contain `null` if there is no login, so it must mean the same when it is sent back.
    let without_login = fields.get("cameraUser").is_some_and(Value::is_null);
    let mut text = |name| take_text(&mut fields, name, &mut wrong);
    let draft = Draft {
        name: text("name"),
        host: text("host"),
        serial: text("serial"),
        access_code: text("accessCode").map(Secret::new),
        rtsp_url: text("rtspUrl"),
        camera_user: text("cameraUser").or(without_login.then(String::new)),
        camera_password: text("cameraPassword").map(Secret::new),
        camera_fingerprint: text("cameraFingerprint"),
        accept_certificate,
    };
    if wrong.is_empty() { Ok(draft) } else { Err(Problem::Fields(wrong)) }
}

fn take_text(fields: &mut Map<String, Value>, name: &'static str, wrong: &mut Vec<FieldError>) -> Option<String> {
    match fields.remove(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            wrong.push(FieldError { field: name, mistake: Mistake::NotText });
            None
        }
    }
}

fn take_truth(fields: &mut Map<String, Value>, name: &'static str, wrong: &mut Vec<FieldError>) -> bool {
    match fields.remove(name) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(truth)) => truth,
        Some(_) => {
            wrong.push(FieldError { field: name, mistake: Mistake::NotTruth });
            false
        }
    }
}

fn problem(error: &EditError) -> Problem {
    match error {
        EditError::Fields(fields) => Problem::Fields(fields.clone()),
        EditError::NotFound | EditError::Registry(RegistryError::NotFound) => NO_PRINTER,
        EditError::Closed => Problem::stopping(),
        EditError::TooMany { retry_after } => Problem::Busy(printers::TOO_MANY_ADDRESSES, *retry_after),
        EditError::Registry(taken @ RegistryError::DuplicateSerial { .. }) => {
            Problem::DuplicateSerial(printers::of_registry_error(taken))
        }
        EditError::Registry(failed) => {
            log::error!("the printers could not be stored: {}", error_chain(failed));
            Problem::Unavailable(printers::of_registry_error(failed))
        }
        EditError::Threads(failed) => {
            log::error!("a printer's threads could not be started: {failed}");
            Problem::Unavailable(printers::NO_THREADS.plain())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &str) {
        let reply = draft(body.as_bytes()).unwrap_err().reply();
        assert_eq!(reply.status, 400);
        assert_eq!(String::from_utf8(reply.body.pieces().concat()).unwrap(), expected, "{body}");
    }

    #[test]
    fn a_draft_is_read_as_typed() {
        let draft = draft(br#"{"id":7,"name":" X1 ","host":"nas","serial":"00M","accessCode":null,"rtspUrl":null}"#);
        let draft = draft.unwrap();
        assert_eq!(draft.name.as_deref(), Some(" X1 "));
        assert_eq!((draft.access_code, draft.rtsp_url, draft.accept_certificate), (None, None, false));
    }

    #[test]
    fn an_absent_camera_user_differs_from_an_empty_one() {
        let user = |body: &str| draft(body.as_bytes()).unwrap().camera_user;
        assert_eq!(user("{}"), None);
        assert_eq!(user(r#"{"cameraUser":null}"#).as_deref(), Some(""));
        assert_eq!(user(r#"{"cameraUser":"admin"}"#).as_deref(), Some("admin"));
        let with_password = draft(br#"{"cameraPassword":"","acceptCertificate":true}"#).unwrap();
        assert_eq!(with_password.camera_password.map(|password| password.expose().to_owned()).as_deref(), Some(""));
        assert!(with_password.accept_certificate);
        assert!(draft(br#"{"acceptCertificate":"yes"}"#).is_err());
    }

    #[test]
    fn an_invalid_body_is_refused_with_a_sentence() {
        let not_json = "The body is not a JSON object.";
        let bad_request = format!(r#"{{"ok":false,"error":"{not_json}","code":"http.bad-request","params":{{}}}}"#);
        for body in ["", "{", "[]", "7", "{\"a\":1}x", &"[".repeat(50_000)] {
            check(body, &bad_request);
        }
        let sentence = "This must be text in quotes, or null.";
        let advice = format!(r#"{{"code":"field.not-text","params":{{}},"sentence":"{sentence}"}}"#);
        check(
            r#"{"name":5,"host":["x"]}"#,
            &format!(
                r#"{{"ok":false,"error":"Some fields are not valid.","code":"printers.fields","params":{{}},"fields":{{"host":"{sentence}","name":"{sentence}"}},"fieldsAdvice":{{"host":{advice},"name":{advice}}}}}"#
            ),
        );
    }

    #[test]
    fn a_failed_edit_says_why_without_internal_details() {
        let status = |error: EditError| problem(&error).status();
        assert_eq!(status(EditError::NotFound), 404);
        assert_eq!(status(RegistryError::NotFound.into()), 404);
        assert_eq!(status(EditError::Fields(Vec::new())), 400);
        let duplicate = problem(&RegistryError::DuplicateSerial { name: "Studio X1".to_owned() }.into());
        assert_eq!((duplicate.status(), duplicate.advice().sentence.contains("“Studio X1”")), (409, true));
    }
}
