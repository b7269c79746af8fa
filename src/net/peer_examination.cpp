#include "net/peer_examination.hpp"

#include "async/run_until.hpp"
#include "net/certificate_facts.hpp"
#include "net/host_lookup.hpp"
#include "net/tcp_connector.hpp"
#include "net/tls_context.hpp"
#include "url/endpoint.hpp"
#include "url/loopback.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <utility>

namespace pbxbridge::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

/// A certificate is renewed some weeks before its end where somebody looks after it.
constexpr std::chrono::hours short_time_left{24 * 21};

std::string limit_text(config::Duration limit) {
  return fmt::format("{:.3g} s", std::chrono::duration<double>(limit).count());
}

class PeerExamination {
 public:
  PeerExamination(const StreamSettings& peer, Findings& findings) : peer_(peer), findings_(findings) {}

  bool run() {
    if (!look_up()) return false;
    auto socket = connect();
    if (!socket) return false;
    return peer_.uses_tls ? make_tls(std::move(*socket)) : tell_of_no_tls();
  }

 private:
  template <class Done>
  bool wait_for(Done done) {
    return async::run_until(io_, Clock::now() + peer_.connect_timeout, std::move(done));
  }

  bool look_up() {
    std::optional<Result<HostLookup::Addresses>> found;
    const HostLookup lookup(io_.get_executor(), peer_.host, peer_.port, [&](const auto& result) { found = result; });
    wait_for([&] { return found.has_value(); });
    if (!found || !*found) {
      findings_.error(
          "name", found ? found->error().text : fmt::format("no name server answered within {}", limit_text(limit())),
          fmt::format("correct the host, or look at the name server of this machine: getent hosts {}", peer_.host));
      return false;
    }
    std::vector<std::string> addresses;
    for (const auto& address : found->value()) addresses.push_back(address.address().to_string());
    if (addresses != std::vector{peer_.host})
      findings_.ok("name", fmt::format("{} is {}", peer_.host, fmt::join(addresses, " and ")));
    return true;
  }

  std::optional<tcp::socket> connect() {
    const auto began = Clock::now();
    std::optional<Result<tcp::socket>> made;
    const auto connector = std::make_shared<TcpConnector>(
        io_.get_executor(), limit(), [](const std::string&) {},
        [&](Result<tcp::socket> result) { made.emplace(std::move(result)); });
    connector->start(peer_.host, peer_.port);
    wait_for([&] { return made.has_value(); });
    connector->abandon();
    error_code unknown;
    const auto address = made && *made ? (*made)->remote_endpoint(unknown) : tcp::endpoint();
    if (!made || !*made || unknown) {
      findings_.error("TCP",
                      made && !*made ? made->error().text
                                     : fmt::format("{} did not accept a connection within {}",
                                                   url::host_and_port(peer_.host, peer_.port), limit_text(limit())),
                      "start what should listen there, correct host and port, or let a firewall on the way pass it");
      return std::nullopt;
    }
    findings_.ok("TCP", fmt::format("connected to {} in {:.1f} ms",
                                    url::host_and_port(address.address().to_string(), address.port()),
                                    std::chrono::duration<double, std::milli>(Clock::now() - began).count()));
    return std::move(made->value());
  }

  bool tell_of_no_tls() {
    if (!url::is_loopback(peer_.host))
      findings_.warning("TLS", "none: account and events cross the network in clear text",
                        "use the URL scheme or the port with TLS, where the peer has one");
    return true;
  }

  bool make_tls(tcp::socket socket) {
    auto context = make_tls_context(peer_.tls);
    if (!context) return fail_tls(context.error().text, "correct the file or the setting that it names");
    const ShownCertificate shown(**context);
    asio::ssl::stream<tcp::socket> stream(std::move(socket), **context);
    const std::string& name = peer_.tls.server_name.empty() ? peer_.host : peer_.tls.server_name;
    if (const auto set = expect_server_name(stream.native_handle(), name, !peer_.tls.insecure_skip_verify); !set)
      return fail_tls(set.error().text, "correct tls.server_name");
    std::optional<error_code> done;
    stream.async_handshake(asio::ssl::stream_base::client, [&](const error_code& error) { done = error; });
    if (!wait_for([&] { return done.has_value(); }))
      return fail_tls(fmt::format("the handshake was not answered within {}", limit_text(limit())),
                      "look whether that port has TLS, and whether its server still answers");
    const auto certificate = shown.facts();
    if (*done)
      return fail_tls(tls_failure(stream.native_handle(), *done, name) +
                          (certificate ? "; it is " + certificate->text() : std::string()),
                      remedy(stream.native_handle(), certificate));
    tell_of_tls(SSL_get_version(stream.native_handle()), certificate);
    return true;
  }

  bool fail_tls(std::string words, std::string remedy) {
    findings_.error("TLS", std::move(words), std::move(remedy));
    return false;
  }

  static std::string remedy(SSL* connection, const std::optional<CertificateFacts>& certificate) {
    switch (SSL_get_verify_result(connection)) {
      case X509_V_OK:
        return "look at the log of the peer, and whether the port is the one with TLS";
      case X509_V_ERR_CERT_HAS_EXPIRED:
        return "renew the certificate on the peer, and look at the clocks of both machines";
      case X509_V_ERR_CERT_NOT_YET_VALID:
        return "look at the clocks of both machines";
      case X509_V_ERR_HOSTNAME_MISMATCH:
      case X509_V_ERR_IP_ADDRESS_MISMATCH:
        if (certificate && !certificate->names.empty())
          return fmt::format("if that is the right peer, set tls.server_name: {}", certificate->names.front());
        break;
      default:
        return "set tls.ca_file to the certificate of the authority that issued it, if you trust that one";
    }
    return "have the certificate issued again with the name of the host as subjectAltName";
  }

  void tell_of_tls(std::string_view version, const std::optional<CertificateFacts>& certificate) {
    const std::string words =
        fmt::format("{}, certificate {}", version, certificate ? certificate->text() : "not shown");
    if (peer_.tls.insecure_skip_verify)
      findings_.warning("TLS", words + "; NOT VERIFIED, so that anyone on the way can read and forge",
                        "set tls.ca_file, and remove insecure_skip_verify");
    else if (certificate && certificate->left < short_time_left)
      findings_.warning("TLS", words, "have it renewed before then: no connection can be made afterwards");
    else
      findings_.ok("TLS", words);
  }

  config::Duration limit() const { return peer_.connect_timeout; }

  const StreamSettings& peer_;
  Findings& findings_;
  asio::io_context io_;
};

}  // namespace

bool examine_peer(const StreamSettings& peer, Findings& findings) { return PeerExamination(peer, findings).run(); }

}  // namespace pbxbridge::net
