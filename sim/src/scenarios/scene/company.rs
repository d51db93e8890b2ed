//! Companies: fixtures with somebody in each role, and generated ones.

use system::protocol::{CompanyId, CreateUser, Register, Role, StreamId};

use super::person::Person;
use super::stop::Stop;
use super::whole::Scene;
use crate::scenarios::model::Password;

/// A company, with its owner.
#[derive(Clone)]
pub struct Company {
    scene: Scene,
    name: String,
    id: CompanyId,
    /// Who registered it.
    pub owner: Person,
}

/// A company with one user in each role, all logged in.
#[derive(Clone)]
pub struct Team {
    /// The company.
    pub company: Company,
    /// Who registered it.
    pub owner: Person,
    /// An admin.
    pub admin: Person,
    /// A member.
    pub member: Person,
    /// A guest, who is in no room yet.
    pub guest: Person,
}

/// The names of a fixture: the company's, and of those in it.
struct Fixture {
    company: &'static str,
    owner: &'static str,
    admin: &'static str,
    member: &'static str,
    guest: &'static str,
}

const ACME: Fixture = Fixture { company: "Acme", owner: "olivia", admin: "adam", member: "mia", guest: "gus" };
const GLOBEX: Fixture = Fixture { company: "Globex", owner: "oscar", admin: "ada", member: "max", guest: "gwen" };

impl Scene {
    /// The company Acme: olivia owns it, adam is an admin, mia a member, gus a guest.
    ///
    /// # Errors
    /// The server does not make them.
    #[track_caller]
    pub fn acme(&self) -> impl Future<Output = Result<Team, Stop>> {
        let place = std::panic::Location::caller();
        async move { self.team(&ACME).await.map_err(|stop| stop.seen_from(place)) }
    }

    /// The company Globex: oscar owns it, ada is an admin, max a member, gwen a guest.
    ///
    /// # Errors
    /// The server does not make them.
    #[track_caller]
    pub fn globex(&self) -> impl Future<Output = Result<Team, Stop>> {
        let place = std::panic::Location::caller();
        async move { self.team(&GLOBEX).await.map_err(|stop| stop.seen_from(place)) }
    }

    /// A company of this name, registered by an owner of that.
    ///
    /// # Errors
    /// The server does not register it.
    #[track_caller]
    pub fn company(&self, name: &str, owner: &str) -> impl Future<Output = Result<Company, Stop>> {
        let place = std::panic::Location::caller();
        let (name, owner) = (name.to_owned(), owner.to_owned());
        async move { self.register(name, &owner).await.map_err(|stop| stop.seen_from(place)) }
    }

    async fn register(&self, name: String, owner: &str) -> Result<Company, Stop> {
        let (email, password) = self.credentials(owner, &name);
        let rest = self.rest(&format!("{owner}/rest"));
        let register = Register {
            company: name.clone(),
            email: email.clone(),
            name: full_name(owner),
            password: password.as_str().to_owned(),
            device: "rest".to_owned(),
        };
        let session = rest.register(&register, &self.new_name()).await?;
        let id = session.company.id;
        let owner = Person::new(self, owner, rest, password, session).await;
        Ok(Company { scene: self.clone(), name, id, owner })
    }

    async fn team(&self, fixture: &Fixture) -> Result<Team, Stop> {
        let company = self.register(fixture.company.to_owned(), fixture.owner).await?;
        let admin = company.hires(fixture.admin, Role::Admin).await?;
        let member = company.hires(fixture.member, Role::Member).await?;
        let guest = company.hires(fixture.guest, Role::Guest).await?;
        Ok(Team { owner: company.owner.clone(), company, admin, member, guest })
    }

    /// The email and the password of a new user.
    fn credentials(&self, name: &str, company: &str) -> (String, Password) {
        let email = format!("{name}.{}@{}.test", self.new_name(), company.to_lowercase().replace(' ', "-"));
        let password = Password::new(&format!("{name}-is-secret-1")).expect("it is long and has hyphens");
        (email, password)
    }
}

impl Company {
    /// Its identifier.
    pub fn id(&self) -> CompanyId {
        self.id
    }

    /// Its stream.
    pub fn stream(&self) -> StreamId {
        StreamId::Company(self.id)
    }

    /// A new user, made by the owner, and logged in. `name` is what faults, traces and stories call them.
    ///
    /// # Errors
    /// The server does not make them.
    pub async fn hires(&self, name: &str, role: Role) -> Result<Person, Stop> {
        let scene = &self.scene;
        let (email, password) = scene.credentials(name, &self.name);
        let body = CreateUser { email, name: full_name(name), password: password.as_str().to_owned(), role };
        let created = self.owner.rest().create_user(&self.owner.token(), &body, &scene.new_name()).await?;
        Person::log_in(scene, name, &created.email, password).await
    }

    /// So many new members: `name-1` and so on.
    ///
    /// # Errors
    /// The server does not make them.
    pub async fn hires_many(&self, name: &str, count: usize) -> Result<Vec<Person>, Stop> {
        let mut people = Vec::with_capacity(count);
        for number in 1..=count {
            people.push(self.hires(&format!("{name}-{number}"), Role::Member).await?);
        }
        Ok(people)
    }
}

/// `mia` is called Mia.
fn full_name(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
