//! A gateway and its site at work: a discrete-event simulation that costs well below a microsecond a request.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::super::random::Random;
use super::super::site::{Call, ModelSite, Reply};
use super::GatewaySpec;
use super::limiter::{Buckets, Watch};
use super::mishap::Mishaps;
use super::scaling::Scaling;
use super::service::Drawn;
use super::speed::Speed;
use crate::record::Class;
use crate::units::Offset;

/// The backlog is full, the backend refuses the connection, the site is down.
const BAD_GATEWAY: Class = Class::Status(502);
/// The limiter has no token left.
const UNAVAILABLE: Class = Class::Status(503);
/// The gateway waited long enough.
const TOO_SLOW: Class = Class::Status(504);
/// The firewall blocks the address.
const FORBIDDEN: Class = Class::Status(403);
/// How long a refusal takes.
const REFUSAL: Duration = Duration::from_millis(1);

/// A request on its way through the gateway.
#[derive(Debug, Clone, Copy)]
struct Request {
    id: u64,
    step: u16,
    /// Tries that are left, the one under way included.
    tries: u8,
}

/// A try that is under way or was given up.
#[derive(Debug, Clone, Copy)]
struct Try {
    request: Request,
    gives_up: Offset,
    is_over: bool,
}

/// A gateway and its site under way.
#[derive(Debug, Clone)]
pub struct GatewaySite {
    steps: Vec<f64>,
    backlog: usize,
    patience: Duration,
    tries: u8,
    try_again_after: Duration,
    service: Drawn,
    random: Random,
    servers: u32,
    scaling: Option<Scaling>,
    speed: Speed,
    mishaps: Mishaps,
    buckets: Option<Buckets>,
    watch: Option<Watch>,
    /// The tries that the gateway still waits for, by number, in order; the first is `first_try`. All are given as
    /// much time, so they run out of it in this order too.
    under_way: VecDeque<Try>,
    first_try: u64,
    /// What waits for a server: its try and its step. A try that was given up keeps its place.
    waiting: VecDeque<(u64, u16)>,
    /// When each busy server is done, and with which try.
    busy: BinaryHeap<Reverse<(Offset, u64)>>,
    /// When each request is tried again, in order of time.
    again: VecDeque<(Offset, Request)>,
    /// Refusals that are on their way, in order of time.
    refused: VecDeque<Reply>,
    now: Offset,
}

/// What happens next.
#[derive(Clone, Copy)]
enum Event {
    Served,
    GivenUp,
    Again,
    Refused,
}

impl GatewaySite {
    /// An idle site; all that is random in it follows `seed`.
    pub fn new(spec: &GatewaySpec, seed: u64) -> Self {
        let speed = Speed::new(spec.thrashing, spec.cold_caches, spec.wander, spec.leak, seed);
        Self {
            steps: spec.steps.clone(),
            backlog: spec.backlog as usize,
            patience: spec.patience,
            tries: spec.tries.max(1),
            try_again_after: spec.try_again_after,
            service: Drawn::new(&spec.service),
            random: Random::new(seed, 0),
            servers: spec.servers,
            scaling: spec.autoscaler.map(Scaling::new),
            speed,
            mishaps: Mishaps::new(spec.noise, spec.blips, spec.backends, spec.change, seed),
            buckets: spec.limiter.map(Buckets::new),
            watch: spec.firewall.map(Watch::new),
            under_way: VecDeque::new(),
            first_try: 0,
            waiting: VecDeque::new(),
            busy: BinaryHeap::new(),
            again: VecDeque::new(),
            refused: VecDeque::new(),
            now: Offset::ZERO,
        }
    }

    /// The next thing that happens, and when; of one moment, in this order.
    fn next(&self) -> (Offset, Event) {
        let mut next = (Offset::MAX, Event::Served);
        if let Some(Reverse((done, _))) = self.busy.peek() {
            next.0 = *done;
        }
        if let Some(first) = self.under_way.front()
            && first.gives_up < next.0
        {
            next = (first.gives_up, Event::GivenUp);
        }
        if let Some((at, _)) = self.again.front()
            && *at < next.0
        {
            next = (*at, Event::Again);
        }
        if let Some(reply) = self.refused.front()
            && reply.done < next.0
        {
            next = (reply.done, Event::Refused);
        }
        next
    }

    fn happen(&mut self, event: Event, ended: &mut Vec<Reply>) {
        match event {
            Event::Served => {
                self.scale();
                if let Some(Reverse((_, number))) = self.busy.pop() {
                    self.served(number, ended);
                }
                self.start();
            }
            Event::GivenUp => {
                if let Some(given_up) = self.under_way.pop_front() {
                    self.first_try += 1;
                    self.forget_what_is_over();
                    self.failed(given_up.request, TOO_SLOW, ended);
                }
            }
            Event::Again => {
                if let Some((_, request)) = self.again.pop_front() {
                    self.scale();
                    self.attempt(request);
                }
            }
            Event::Refused => ended.extend(self.refused.pop_front()),
        }
    }

    /// A server is done with a try; where the gateway gave it up before, nobody cares.
    fn served(&mut self, number: u64, ended: &mut Vec<Reply>) {
        let Some(place) = number.checked_sub(self.first_try) else {
            return;
        };
        let Some(served) = self.under_way.get_mut(place as usize) else {
            return;
        };
        served.is_over = true;
        ended.push(Reply {
            id: served.request.id,
            done: self.now,
            class: Class::Status(200),
        });
        self.forget_what_is_over();
    }

    fn forget_what_is_over(&mut self) {
        while self.under_way.front().is_some_and(|first| first.is_over) {
            self.under_way.pop_front();
            self.first_try += 1;
        }
    }

    fn failed(&mut self, request: Request, class: Class, ended: &mut Vec<Reply>) {
        if !self.retried(request) {
            ended.push(Reply {
                id: request.id,
                done: self.now,
                class,
            });
        }
    }

    /// Whether a request that failed is tried again.
    fn retried(&mut self, request: Request) -> bool {
        if request.tries <= 1 {
            return false;
        }
        let tries = request.tries - 1;
        self.again
            .push_back((self.now + self.try_again_after, Request { tries, ..request }));
        true
    }

    fn refuse(&mut self, id: u64, class: Class) {
        self.refused.push_back(Reply {
            id,
            done: self.now + REFUSAL,
            class,
        });
    }

    fn attempt(&mut self, request: Request) {
        let servers = self.mishaps.servers(self.now, self.servers) as usize;
        let is_full = self.busy.len() >= servers && self.waiting.len() >= self.backlog;
        if is_full || self.mishaps.is_refused() {
            if !self.retried(request) {
                self.refuse(request.id, BAD_GATEWAY);
            }
            return;
        }
        let number = self.first_try + self.under_way.len() as u64;
        self.under_way.push_back(Try {
            request,
            gives_up: self.now + self.patience,
            is_over: false,
        });
        self.waiting.push_back((number, request.step));
        self.start();
    }

    /// Gives what waits to the servers that are free.
    fn start(&mut self) {
        let servers = self.mishaps.servers(self.now, self.servers) as usize;
        while self.busy.len() < servers {
            let Some((number, step)) = self.waiting.pop_front() else {
                break;
            };
            let mut seconds = self.service.draw(&mut self.random) * self.speed.slowness(self.now);
            if !self.steps.is_empty() {
                seconds *= self.steps[usize::from(step) % self.steps.len()];
            }
            let nanos = (seconds * 1e9) as u64;
            self.busy
                .push(Reverse((self.now + Duration::from_nanos(nanos), number)));
        }
        self.speed.waiting(self.waiting.len());
    }

    fn scale(&mut self) {
        if let Some(scaling) = &mut self.scaling {
            self.servers = scaling.catch_up(self.now, self.busy.len(), self.servers);
        }
    }
}

impl ModelSite for GatewaySite {
    fn arrive(&mut self, call: Call) {
        self.now = self.now.max(call.at);
        self.speed.arrived(self.now);
        if let Some(watch) = &mut self.watch
            && !watch.admit(self.now, call.address)
        {
            return self.refuse(call.id, FORBIDDEN);
        }
        if self.mishaps.befall(self.now) {
            return self.refuse(call.id, BAD_GATEWAY);
        }
        if let Some(buckets) = &mut self.buckets
            && !buckets.admit(self.now, call.address)
        {
            return self.refuse(call.id, UNAVAILABLE);
        }
        self.scale();
        self.attempt(Request {
            id: call.id,
            step: call.step,
            tries: self.tries,
        });
    }

    fn next_event(&self) -> Option<Offset> {
        let (at, _) = self.next();
        (at < Offset::MAX).then_some(at)
    }

    fn advance(&mut self, until: Offset, ended: &mut Vec<Reply>) {
        loop {
            let (at, event) = self.next();
            if at > until || at == Offset::MAX {
                break;
            }
            self.now = at;
            self.happen(event, ended);
        }
        self.now = self.now.max(until);
    }
}
