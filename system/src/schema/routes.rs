//! Routes together with their entries in the OpenAPI document: neither can be made without the other.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use http::StatusCode;

use super::describe::Described;
use super::operation::Operation;
use crate::app::App;
use crate::protocol::ErrorCode;

/// The endpoints of one resource, or of all.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    router: Router<App>,
    endpoints: Vec<Endpoint>,
}

/// What is known of one endpoint without asking its handler.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    pub(super) path: String,
    /// The resource that it belongs to.
    pub(super) tag: &'static str,
    /// The handler's path in our code, from which the operation's name is made.
    pub(super) handler: &'static str,
    pub(super) summary: &'static str,
    /// With which it answers when it does not refuse; empty: 200 with a body and 204 without.
    pub(super) statuses: &'static [StatusCode],
    /// Of an answer that its handler writes itself.
    pub(super) media_type: Option<&'static str>,
    pub(super) refusals: &'static [ErrorCode],
    pub(super) describe: fn(&mut Operation<'_>),
    /// Headers of every answer, refusals included, and what they say.
    pub(super) everywhere: &'static [(&'static str, &'static str)],
}

/// One endpoint that is not among the routes yet.
pub(crate) struct Route {
    endpoint: Endpoint,
    router: Router<App>,
}

impl Routes {
    /// No endpoint.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// And this endpoint.
    pub(crate) fn with(mut self, route: Route) -> Self {
        self.router = self.router.merge(route.router);
        self.endpoints.push(route.endpoint);
        self
    }

    /// And those of another resource.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.endpoints.extend(other.endpoints);
        self
    }

    /// All of them under the name of their resource, which groups them in the document.
    pub(crate) fn of(mut self, tag: &'static str) -> Self {
        self.endpoints.iter_mut().for_each(|endpoint| endpoint.tag = tag);
        self
    }

    /// All of them inside a layer, which may add these headers to every answer.
    pub(crate) fn within(
        mut self,
        layer: impl FnOnce(Router<App>) -> Router<App>,
        headers: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.endpoints.iter_mut().for_each(|endpoint| endpoint.everywhere = headers);
        Self { router: layer(self.router), ..self }
    }

    /// All of them below a path.
    pub(crate) fn below(self, prefix: &'static str) -> Self {
        let below = |endpoint: Endpoint| Endpoint { path: format!("{prefix}{}", endpoint.path), ..endpoint };
        Self {
            router: Router::new().nest(prefix, self.router),
            endpoints: self.endpoints.into_iter().map(below).collect(),
        }
    }

    /// The router of them all.
    pub(crate) fn into_router(self) -> Router<App> {
        self.router
    }

    pub(super) fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }
}

impl Route {
    /// It answers 201 rather than 200.
    pub(crate) fn created(self) -> Self {
        self.answers(&[StatusCode::CREATED])
    }

    /// It answers with one of these. Unless told, that is 200 with a body and 204 without.
    pub(crate) fn answers(mut self, statuses: &'static [StatusCode]) -> Self {
        self.endpoint.statuses = statuses;
        self
    }

    /// Its handler writes the answer itself, as bytes of this media type.
    pub(crate) fn gives(mut self, media_type: &'static str) -> Self {
        self.endpoint.media_type = Some(media_type);
        self
    }

    /// It may refuse for these reasons, beside those that follow from what its handler takes.
    pub(crate) fn refuses(mut self, codes: &'static [ErrorCode]) -> Self {
        self.endpoint.refusals = codes;
        self
    }
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $filter:ident;)*) => {
        $($(#[$doc])*
        pub(crate) fn $name<H, T, A>(path: &'static str, handler: H, summary: &'static str) -> Route
        where
            H: Handler<T, App> + Described<A>,
            T: 'static,
        {
            let endpoint = Endpoint {
                method: stringify!($name),
                path: path.to_owned(),
                tag: "",
                handler: std::any::type_name::<H>(),
                summary,
                statuses: &[],
                media_type: None,
                refusals: &[],
                describe: <H as Described<A>>::describe,
                everywhere: &[],
            };
            Route { endpoint, router: Router::new().route(path, on(MethodFilter::$filter, handler)) }
        })*
    };
}

methods! {
    /// `GET`: `summary` says in one sentence what it is for.
    get GET;
    /// `POST`.
    post POST;
    /// `PUT`.
    put PUT;
    /// `PATCH`.
    patch PATCH;
    /// `DELETE`.
    delete DELETE;
    /// `HEAD`, where it says something else than `GET`.
    head HEAD;
    /// `OPTIONS`.
    options OPTIONS;
}
