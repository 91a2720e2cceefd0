//! What people are told as JSON: a code, its parameters and the English sentence.

use crate::advice::{self, Params};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// What a person is told of one thing.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct Advice {
    code: AdviceCode,
    params: AdviceParams,
    /// What happened and, where anything can be done, what to do. In English.
    sentence: String,
}

impl From<advice::Advice> for Advice {
    fn from(advice: advice::Advice) -> Self {
        let advice::Advice { code, params, sentence } = advice;
        Self { code: AdviceCode(code.word()), params: AdviceParams(params), sentence }
    }
}

impl Advice {
    /// Returns sentence, code and parameters, for an object that has them beside other fields.
    pub fn parts(self) -> (String, AdviceCode, AdviceParams) {
        (self.sentence, self.code, self.params)
    }

    /// Returns them for an object in which all of them may be missing.
    pub fn parts_of(advice: Option<advice::Advice>) -> (Option<String>, Option<AdviceCode>, AdviceParams) {
        match advice {
            Some(advice) => {
                let (sentence, code, params) = Self::from(advice).parts();
                (Some(sentence), Some(code), params)
            }
            None => (None, None, AdviceParams(Params::new())),
        }
    }
}

/// A code, which keeps its meaning in every version.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AdviceCode(&'static str);

impl ToSchema for AdviceCode {
    fn name() -> Cow<'static, str> {
        "AdviceCode".into()
    }
}

impl PartialSchema for AdviceCode {
    fn schema() -> RefOr<Schema> {
        let words = advice::Code::all().map(advice::Code::word);
        let about = "Says which words these are, so that a page can say them in another language. A code keeps its meaning \
                     in every version; new ones are added. The same code with the same parameters is the same sentence.";
        ObjectBuilder::new().schema_type(Type::String).description(Some(about)).enum_values(Some(words)).into()
    }
}

/// The parameters of a code.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdviceParams(Params);

impl ToSchema for AdviceParams {
    fn name() -> Cow<'static, str> {
        "AdviceParams".into()
    }
}

impl PartialSchema for AdviceParams {
    fn schema() -> RefOr<Schema> {
        let scalar = |kind: Type| Object::with_type(SchemaType::new(kind));
        let scalars = [Type::String, Type::Number, Type::Boolean].into_iter().map(scalar);
        let value = scalars.fold(OneOfBuilder::new(), OneOfBuilder::item);
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("What the words of the code need: numbers, names and truths."))
            .additional_properties(Some(AdditionalProperties::from(RefOr::T(Schema::OneOf(value.build())))))
            .into()
    }
}
