//! Which open connection a request goes over.

use std::rc::Rc;

use tokio::time::{Instant, timeout_at};

use super::{HttpTransport, Visitor, earlier};
use crate::scenario::{Connections, HttpVersion};
use crate::transport::Connect;
use crate::transport::connection::Connection;
use crate::transport::exchange::Origin;
use crate::transport::place::Place;

impl<C: Connect> HttpTransport<C> {
    /// A connection to `place` that is open as far as we know: the one that was used last. Where a connection that
    /// requests may share is being opened, it is waited for.
    pub(super) async fn kept(
        &self,
        visitor: &mut Visitor,
        place: &Rc<Place>,
        until: Option<Instant>,
    ) -> Option<Connection> {
        match self.settings.connections {
            Connections::PerVisitor => ready(|| take(&mut visitor.kept, place)).await,
            Connections::Pooled if self.is_shared(place) => self.joined(place, until).await,
            Connections::Pooled => ready(|| take(&mut self.shared.borrow_mut(), place)).await,
            Connections::PerRequest => None,
        }
    }

    /// Whether connections to `place` carry several requests at once, as far as we know.
    pub(super) fn is_shared(&self, place: &Place) -> bool {
        match self.settings.http {
            HttpVersion::One => false,
            HttpVersion::Two => true,
            HttpVersion::Auto => place.origin.tls && !place.is_serial.get(),
        }
    }

    /// A place among the requests of an open connection; nothing where a further connection is due.
    async fn joined(&self, place: &Rc<Place>, until: Option<Instant>) -> Option<Connection> {
        let patience = earlier(Instant::now() + self.settings.timeouts.connect, until);
        loop {
            let opened = place.opened.notified();
            {
                let mut shared = self.shared.borrow_mut();
                shared.retain(|one| !one.is_closed());
                let mut here = shared.iter_mut().filter(|one| Rc::ptr_eq(&one.place, place));
                if let Some(found) = here.find_map(|one| one.is_ready().then_some(one)) {
                    return found.again();
                }
            }
            if !self.is_shared(place) {
                // It was taken for one that carries several, until it was open.
                return ready(|| take(&mut self.shared.borrow_mut(), place)).await;
            }
            if !place.opening.get() || timeout_at(patience, opened).await.is_err() {
                return None;
            }
        }
    }

    /// How many more requests an open connection to `origin` takes at once; nothing where there is none that carries
    /// several.
    pub(super) fn room(&self, visitor: &Visitor, origin: &Origin) -> Option<usize> {
        let shared = self.shared.borrow();
        let mut open = visitor
            .kept
            .iter()
            .chain(shared.iter())
            .filter(|one| one.place.origin == *origin);
        open.find_map(Connection::room)
    }

    /// Keeps `connection` for the next request.
    pub(super) fn keep(&self, visitor: &mut Visitor, connection: Connection) {
        if connection.is_closed() {
            return;
        }
        let is_shared = connection.again().is_some();
        match self.settings.connections {
            Connections::PerVisitor => visitor.kept.push(connection),
            // One that several share never left the pool.
            Connections::Pooled if is_shared => {}
            Connections::Pooled => self.shared.borrow_mut().push(connection),
            Connections::PerRequest => {}
        }
    }

    /// Lets nobody share `connection` any more: not a byte came on it for as long as an answer may take, so that the other
    /// end may be gone without a word.
    pub(super) fn retire(&self, connection: &Connection) {
        let mut shared = self.shared.borrow_mut();
        shared.retain(|one| !Rc::ptr_eq(&one.meter, &connection.meter));
    }

    /// Lets others share `connection` as soon as it is open.
    pub(super) fn share(&self, connection: &Connection) {
        if self.settings.connections == Connections::Pooled
            && let Some(again) = connection.again()
        {
            self.shared.borrow_mut().push(again);
        }
    }
}

fn take(kept: &mut Vec<Connection>, place: &Rc<Place>) -> Option<Connection> {
    let index = kept.iter().rposition(|one| Rc::ptr_eq(&one.place, place))?;
    Some(kept.remove(index))
}

/// The first that `next` gives and that takes a request.
async fn ready(mut next: impl FnMut() -> Option<Connection>) -> Option<Connection> {
    loop {
        let mut connection = next()?;
        if connection.is_ready() {
            return Some(connection);
        }
        if !connection.is_closed() {
            // Its task may not have had its turn since the last answer.
            tokio::task::yield_now().await;
            if connection.is_ready() {
                return Some(connection);
            }
        }
    }
}
