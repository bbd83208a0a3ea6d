//! What to do about a cause, tied to the product whose log names it.

use super::cause::Cause;
use super::product::Product;
use crate::words::{Language, texts};

texts! {
    /// One remedy.
    Remedy {
        Exhausted: "The gateway itself ran out: raise its limits of files, ports and connections, and keep connections to the backend open so that fewer are needed.",
            "Dem Gateway selbst ging etwas aus: seine Grenzen für Dateien, Ports und Verbindungen anheben und Verbindungen zum Backend offen halten, damit weniger gebraucht werden.";
        ExhaustedNginx: "nginx ran out: raise `worker_connections` and `worker_rlimit_nofile`, and set `keepalive` in the upstream so that ports are used again.",
            "nginx ging etwas aus: `worker_connections` und `worker_rlimit_nofile` anheben und im Upstream `keepalive` setzen, damit Ports wiederverwendet werden.";
        ExhaustedApache: "Apache ran out of workers: raise `MaxRequestWorkers` (and `ServerLimit`) as far as memory allows, and shorten `ProxyTimeout` so that slow backends hold fewer of them.",
            "Apache gingen die Worker aus: `MaxRequestWorkers` (und `ServerLimit`) so weit anheben, wie der Speicher reicht, und `ProxyTimeout` kürzen, damit langsame Backends weniger davon binden.";
        ExhaustedHaproxy: "HAProxy ran out: raise `maxconn` and the limit of files, add source addresses or `http-reuse` where it names ports.",
            "HAProxy ging etwas aus: `maxconn` und die Grenze offener Dateien anheben; wo es Ports nennt, weitere Quelladressen oder `http-reuse` einsetzen.";
        NoLive: "Every backend was taken out: look at what failed just before, and at the health check; a check that is stricter than the load allows takes healthy backends out.",
            "Alle Backends waren aus dem Verkehr: nachsehen, was kurz davor ausfiel, und den Health-Check prüfen; ein zu strenger nimmt unter Last gesunde Backends heraus.";
        NoLiveNginx: "nginx had no upstream left: after `max_fails` errors each is skipped for `fail_timeout`, and one at its `max_conns` counts as gone. Mend the first error before it, then widen these.",
            "nginx hatte keinen Upstream mehr: Nach `max_fails` Fehlern wird jeder für `fail_timeout` übergangen, und wer `max_conns` erreicht, gilt als weg. Erst den Fehler davor beheben, dann diese Werte weiten.";
        NoLiveEnvoy: "Envoy found no healthy host: health checks, outlier detection, or a name without address (flag UH covers all three). Look at `/clusters` and at the DNS of the cluster.",
            "Envoy fand keinen gesunden Host: Health-Checks, Outlier-Erkennung oder ein Name ohne Adresse (das Flag UH steht für alle drei). `/clusters` und das DNS des Clusters ansehen.";
        NoLiveHaproxy: "HAProxy had no server: all down, or none resolved. Look at the lines `Server … is DOWN, reason:` before it.",
            "HAProxy hatte keinen Server: alle ausgefallen oder keiner aufgelöst. Die Zeilen `Server … is DOWN, reason:` davor ansehen.";
        Workers: "The pool of workers is as large as it may be: make answers faster first, then raise the limit as far as memory and the database allow.",
            "Der Pool der Worker ist so groß, wie er sein darf: erst die Antworten beschleunigen, dann die Grenze so weit anheben, wie Speicher und Datenbank es zulassen.";
        WorkersPhp: "php-fpm uses all its children: raise `pm.max_children` up to memory ÷ memory per child; capacity is children ÷ seconds per request, so a faster script helps as much.",
            "php-fpm nutzt alle Prozesse: `pm.max_children` anheben, höchstens auf Speicher ÷ Speicher je Prozess; die Kapazität ist Prozesse ÷ Sekunden je Anfrage, ein schnelleres Skript hilft also ebenso.";
        Queue: "A queue is full because requests come faster than they are served: more workers, faster answers, or a cache; a longer queue only makes visitors wait before the same end.",
            "Eine Warteschlange ist voll, weil Anfragen schneller kommen, als sie bedient werden: mehr Worker, schnellere Antworten oder ein Cache; eine längere Schlange lässt Besucher nur länger auf dasselbe warten.";
        QueueNginx: "The backend’s socket takes no more (its backlog is full): raise the workers behind it (php-fpm: `pm.max_children`) first; `listen.backlog` with `net.core.somaxconn` only carries short bursts.",
            "Der Socket des Backends nimmt nichts mehr an (Backlog voll): zuerst die Worker dahinter erhöhen (php-fpm: `pm.max_children`); `listen.backlog` mit `net.core.somaxconn` trägt nur kurze Stöße.";
        QueueHaproxy: "Requests waited in HAProxy’s queue until `timeout queue`: raise the server’s `maxconn` if it can carry more, or add servers.",
            "Anfragen warteten in HAProxys Schlange bis `timeout queue`: `maxconn` des Servers anheben, wenn er mehr trägt, oder Server hinzufügen.";
        QueueVarnish: "Varnish is at the backend’s `.max_connections`: raise it if the backend can carry more, and cache more.",
            "Varnish steht an `.max_connections` des Backends: anheben, wenn das Backend mehr trägt, und mehr cachen.";
        QueueEnvoy: "A circuit breaker of Envoy is open: raise `max_connections` or `max_pending_requests` if the cluster can carry more, or add hosts.",
            "Ein Circuit-Breaker von Envoy ist offen: `max_connections` oder `max_pending_requests` anheben, wenn der Cluster mehr trägt, oder Hosts hinzufügen.";
        Killed: "A worker was killed while it worked: look for the out-of-memory killer (`dmesg`) and for time limits that end workers, and give each less to do or more memory.",
            "Ein Worker wurde während der Arbeit beendet: nach dem OOM-Killer (`dmesg`) und nach Zeitgrenzen suchen, die Worker beenden; jedem weniger Arbeit oder mehr Speicher geben.";
        KilledGunicorn: "gunicorn ended workers: those that were silent for `--timeout` seconds, or the kernel for memory. Find the slow request, or use threads and fewer, smaller workers.",
            "gunicorn beendete Worker: solche, die `--timeout` Sekunden schwiegen, oder der Kernel wegen Speichermangels. Die langsame Anfrage finden oder Threads und weniger, kleinere Worker nutzen.";
        KilledPhp: "php-fpm lost a child: `request_terminate_timeout` ended it (SIGTERM) or the kernel for memory (SIGKILL). Find the slow script, or lower `pm.max_children` until memory suffices.",
            "php-fpm verlor einen Prozess: `request_terminate_timeout` (SIGTERM) oder der Kernel wegen Speichermangels (SIGKILL). Das langsame Skript finden oder `pm.max_children` senken, bis der Speicher reicht.";
        Database: "The database takes no more connections: put a pool in front of it and keep (workers × connections each) below its limit, before the limit is raised.",
            "Die Datenbank nimmt keine Verbindungen mehr an: einen Pool davorsetzen und (Worker × Verbindungen je Worker) unter ihrer Grenze halten, bevor die Grenze angehoben wird.";
        Name: "The gateway could not resolve the backend’s name: check the record and the resolver, and let the gateway keep an answer longer or use more than one resolver.",
            "Das Gateway konnte den Namen des Backends nicht auflösen: Eintrag und Resolver prüfen und das Gateway Antworten länger behalten oder mehrere Resolver nutzen lassen.";
        CertificateName: "The backend’s certificate is for another name: ask for the name that it carries (SNI, `proxy_ssl_name`, `sni`), or issue one with the name in use.",
            "Das Zertifikat des Backends gilt für einen anderen Namen: nach dem Namen fragen, den es trägt (SNI, `proxy_ssl_name`, `sni`), oder eines für den benutzten Namen ausstellen.";
        CertificateExpired: "The backend’s certificate has expired: renew it, and watch its remaining days.",
            "Das Zertifikat des Backends ist abgelaufen: erneuern und die Restlaufzeit überwachen.";
        CertificateUntrusted: "The gateway does not trust who signed the backend’s certificate (self-signed, expired or without its chain): give it the right CA file, or the backend the whole chain.",
            "Das Gateway vertraut dem Aussteller des Backend-Zertifikats nicht (selbst signiert, abgelaufen oder ohne Kette): ihm die richtige CA-Datei geben oder dem Backend die ganze Kette.";
        TlsVersion: "Gateway and backend share no version of TLS: allow TLS 1.2 and 1.3 on both.",
            "Gateway und Backend haben keine gemeinsame TLS-Version: auf beiden TLS 1.2 und 1.3 zulassen.";
        ClientCertificate: "The backend refused the handshake: mostly because it wants a certificate of the gateway (`proxy_ssl_certificate`, `crt`), sometimes for want of a common cipher.",
            "Das Backend lehnte den Handshake ab: meist, weil es ein Zertifikat des Gateways verlangt (`proxy_ssl_certificate`, `crt`), manchmal mangels gemeinsamer Chiffre.";
        PlainPort: "The gateway speaks TLS to a port that does not: use `http://` for it, or the port that does.",
            "Das Gateway spricht TLS mit einem Port, der es nicht kann: `http://` verwenden oder den richtigen Port.";
        Handshake: "The TLS handshake with the backend fails, and the line does not say why: try `openssl s_client -connect HOST:PORT -servername NAME` from the gateway.",
            "Der TLS-Handshake mit dem Backend scheitert, und die Zeile sagt nicht, warum: vom Gateway aus `openssl s_client -connect HOST:PORT -servername NAME` versuchen.";
        Refused: "Nobody listens there: the application is stopped, restarting, or on another port or socket. Look at its own log at that second.",
            "Dort lauscht niemand: Die Anwendung steht, startet neu oder nutzt einen anderen Port oder Socket. Ihr eigenes Protokoll zu dieser Sekunde lesen.";
        RefusedHaproxy: "The connection was refused, or its TLS handshake failed: HAProxy writes SC for both. Add `%[bc_err_str] %[ssl_bc_err_str]` to `log-format` to tell them apart, and see whether the server runs.",
            "Die Verbindung wurde abgelehnt, oder ihr TLS-Handshake scheiterte: HAProxy schreibt für beides SC. `%[bc_err_str] %[ssl_bc_err_str]` ins `log-format` aufnehmen, um sie zu unterscheiden, und nachsehen, ob der Server läuft.";
        Unreachable: "The network says that there is no way: a firewall that rejects, a missing route, or a machine that is off.",
            "Das Netz meldet, dass kein Weg hinführt: eine abweisende Firewall, eine fehlende Route oder eine ausgeschaltete Maschine.";
        NoConnection: "Nobody answered the attempt to connect: a firewall that drops, or a full TCP backlog. The log cannot tell; `ListenOverflows` in `nstat -az` on the backend can: if it grows, it is the backlog.",
            "Auf den Verbindungsversuch antwortete niemand: eine verwerfende Firewall oder ein voller TCP-Backlog. Das Protokoll kann es nicht sagen, `ListenOverflows` in `nstat -az` auf dem Backend schon: Wächst es, ist es der Backlog.";
        Slow: "The backend did not answer in time: find what it waits for (slow log, database) and shorten its queue; a longer time-out only hides it.",
            "Das Backend antwortete nicht rechtzeitig: finden, worauf es wartet (Slow-Log, Datenbank), und seine Warteschlange kürzen; eine längere Zeitgrenze verdeckt es nur.";
        Closed: "The backend closed the connection before it answered: a crash, a restart, or a keep-alive shorter than the gateway’s. Let the backend keep idle connections longer than the gateway does.",
            "Das Backend schloss die Verbindung vor der Antwort: ein Absturz, ein Neustart oder ein kürzeres Keep-Alive als das des Gateways. Das Backend soll ruhende Verbindungen länger halten als das Gateway.";
        Cut: "Answers began and were cut: visitors see half a page with status 200. Look for workers that die while they answer, and at time-outs between two reads.",
            "Antworten begannen und brachen ab: Besucher sehen eine halbe Seite mit Status 200. Nach Workern suchen, die beim Antworten sterben, und die Zeitgrenzen zwischen zwei Lesevorgängen prüfen.";
        Bad: "What came from the backend is no valid HTTP: a wrong port or protocol, or an application that writes broken headers.",
            "Was vom Backend kam, ist kein gültiges HTTP: falscher Port oder falsches Protokoll, oder eine Anwendung, die kaputte Kopfzeilen schreibt.";
        HeaderSize: "The header of the answer is too large (mostly cookies): shrink it, or raise the buffer (`proxy_buffer_size`, `fastcgi_buffer_size`, `tune.bufsize`, `ProxyIOBufferSize`).",
            "Der Kopf der Antwort ist zu groß (meist Cookies): verkleinern oder den Puffer anheben (`proxy_buffer_size`, `fastcgi_buffer_size`, `tune.bufsize`, `ProxyIOBufferSize`).";
        Limited: "A limit turned requests away or slowed them: ask whether it counts per address (a campaign’s visitors have many) and raise its burst for the send.",
            "Eine Begrenzung wies Anfragen ab oder bremste sie: klären, ob sie je Adresse zählt (Besucher einer Kampagne haben viele), und ihren Burst für den Versand anheben.";
        Denied: "A rule turned requests away: see which, and whether it meets visitors too.",
            "Eine Regel wies Anfragen ab: nachsehen, welche, und ob sie auch Besucher trifft.";
        Route: "No rule says where these requests go: check host names and paths of the routes.",
            "Keine Regel sagt, wohin diese Anfragen gehen: Hostnamen und Pfade der Routen prüfen.";
        Application: "The application itself answered with an error: its own log has the reason; the gateway is not at fault.",
            "Die Anwendung selbst antwortete mit einem Fehler: Ihr eigenes Protokoll nennt den Grund, das Gateway ist nicht schuld.";
        Gone: "Clients went away before the answer: mostly because it took too long. See how slow answers were at that time.",
            "Clients gingen vor der Antwort: meist, weil sie zu lange dauerte. Nachsehen, wie langsam Antworten damals waren.";
        Client: "Requests were at fault themselves (4xx): no sign of overload.",
            "Die Anfragen selbst waren fehlerhaft (4xx): kein Zeichen von Überlast.";
        Unsaid: "The line says that it failed, not why: read the gateway’s error log of the same second, or log more of the backend.",
            "Die Zeile sagt, dass es scheiterte, nicht warum: das Fehlerprotokoll des Gateways derselben Sekunde lesen oder mehr über das Backend protokollieren.";
        UnsaidNginx: "The access log says that it failed, not why: read nginx’s error log of the same second, or add `$upstream_status $upstream_connect_time $upstream_header_time` to `log_format`.",
            "Das Zugriffsprotokoll sagt, dass es scheiterte, nicht warum: nginx’ Fehlerprotokoll derselben Sekunde lesen oder `$upstream_status $upstream_connect_time $upstream_header_time` ins `log_format` aufnehmen.";
        Fine: "Nothing to do: these were answered.",
            "Nichts zu tun: Diese wurden beantwortet.";
    }
}

/// What to do about `cause`, as the log of `product` names it.
pub fn advice(product: Product, cause: Cause, language: Language) -> &'static str {
    particular(product, cause)
        .unwrap_or_else(|| general(cause))
        .text(language)
}

/// Where a product has settings of its own for it.
fn particular(product: Product, cause: Cause) -> Option<Remedy> {
    use Product::{Apache, Envoy, Gunicorn, Haproxy, IngressNginx, Nginx, Openresty, PhpFpm, Varnish};
    Some(match (product, cause) {
        (Nginx | Openresty | IngressNginx, Cause::GatewayExhausted) => Remedy::ExhaustedNginx,
        (Apache, Cause::GatewayExhausted) => Remedy::ExhaustedApache,
        (Haproxy, Cause::GatewayExhausted) => Remedy::ExhaustedHaproxy,
        (Nginx | Openresty | IngressNginx, Cause::NoLiveBackend) => Remedy::NoLiveNginx,
        (Envoy, Cause::NoLiveBackend) => Remedy::NoLiveEnvoy,
        (Haproxy, Cause::NoLiveBackend) => Remedy::NoLiveHaproxy,
        (PhpFpm, Cause::WorkerLimit) => Remedy::WorkersPhp,
        (Nginx | Openresty | IngressNginx, Cause::QueueFull) => Remedy::QueueNginx,
        (Haproxy, Cause::QueueFull) => Remedy::QueueHaproxy,
        (Varnish, Cause::QueueFull) => Remedy::QueueVarnish,
        (Envoy, Cause::QueueFull) => Remedy::QueueEnvoy,
        (Gunicorn, Cause::WorkerKilled) => Remedy::KilledGunicorn,
        (PhpFpm, Cause::WorkerKilled) => Remedy::KilledPhp,
        (Haproxy, Cause::BackendRefused) => Remedy::RefusedHaproxy,
        (Nginx | Openresty | IngressNginx, Cause::Unknown) => Remedy::UnsaidNginx,
        _ => return None,
    })
}

const fn general(cause: Cause) -> Remedy {
    match cause {
        Cause::GatewayExhausted => Remedy::Exhausted,
        Cause::NoLiveBackend => Remedy::NoLive,
        Cause::WorkerLimit => Remedy::Workers,
        Cause::QueueFull => Remedy::Queue,
        Cause::WorkerKilled => Remedy::Killed,
        Cause::DatabaseLimit => Remedy::Database,
        Cause::Dns => Remedy::Name,
        Cause::TlsName => Remedy::CertificateName,
        Cause::TlsExpired => Remedy::CertificateExpired,
        Cause::TlsUntrusted => Remedy::CertificateUntrusted,
        Cause::TlsVersion => Remedy::TlsVersion,
        Cause::TlsClientCertificate => Remedy::ClientCertificate,
        Cause::TlsPlainPort => Remedy::PlainPort,
        Cause::TlsHandshake => Remedy::Handshake,
        Cause::BackendRefused => Remedy::Refused,
        Cause::BackendUnreachable => Remedy::Unreachable,
        Cause::ConnectTimeout => Remedy::NoConnection,
        Cause::BackendSlow => Remedy::Slow,
        Cause::BackendClosed => Remedy::Closed,
        Cause::AnswerCut => Remedy::Cut,
        Cause::BadAnswer => Remedy::Bad,
        Cause::HeaderTooBig => Remedy::HeaderSize,
        Cause::RateLimited => Remedy::Limited,
        Cause::Denied => Remedy::Denied,
        Cause::NoRoute => Remedy::Route,
        Cause::ApplicationError => Remedy::Application,
        Cause::ClientGone => Remedy::Gone,
        Cause::ClientError => Remedy::Client,
        Cause::Unknown => Remedy::Unsaid,
        Cause::Ok => Remedy::Fine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remedy_is_said_in_both_languages_and_can_be_shown() {
        for remedy in Remedy::ALL {
            let texts = Language::ALL.map(|language| remedy.text(language));
            assert_ne!(texts[0], texts[1]);
            for text in texts {
                assert_eq!(crate::words::printable(text), text);
                assert!(text.ends_with('.') && text.trim() == text, "{text}");
            }
        }
    }
}
