//! Routes together with their entries in the OpenAPI document: neither can be made without the other.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::StatusCode;

use super::describe::Described;
use super::operation::Operation;
use crate::app::App;
use crate::protocol::ErrorCode;

/// The endpoints of one resource, or of all. Only [`Routes::into_router`] makes a router: to merge routers of routers
/// would insert each path anew every time.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    routes: Vec<Route>,
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

/// One endpoint, and what serves it.
#[derive(Debug)]
pub(crate) struct Route {
    endpoint: Endpoint,
    method: MethodRouter<App>,
}

impl Routes {
    /// No endpoint.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// And this endpoint.
    pub(crate) fn with(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// And those of another resource.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self
    }

    /// All of them under the name of their resource, which groups them in the document.
    pub(crate) fn of(self, tag: &'static str) -> Self {
        self.each(|endpoint| endpoint.tag = tag)
    }

    /// All of them inside a layer, which may add these headers to every answer.
    pub(crate) fn within(
        mut self,
        layer: impl Fn(MethodRouter<App>) -> MethodRouter<App>,
        headers: &'static [(&'static str, &'static str)],
    ) -> Self {
        for Route { endpoint, method } in &mut self.routes {
            endpoint.everywhere = headers;
            *method = layer(std::mem::take(method));
        }
        self
    }

    /// All of them below a path.
    pub(crate) fn below(self, prefix: &'static str) -> Self {
        self.each(|endpoint| endpoint.path.insert_str(0, prefix))
    }

    /// The router of them all.
    pub(crate) fn into_router(self) -> Router<App> {
        let route = |router: Router<App>, Route { endpoint, method }| router.route(&endpoint.path, method);
        self.routes.into_iter().fold(Router::new(), route)
    }

    pub(super) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.routes.iter().map(|route| &route.endpoint)
    }

    fn each(mut self, change: impl Fn(&mut Endpoint)) -> Self {
        self.routes.iter_mut().for_each(|route| change(&mut route.endpoint));
        self
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
            Route { endpoint, method: on(MethodFilter::$filter, handler) }
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
