#include "net/tls_context.hpp"
#include "session_fixture.hpp"

#include <mutex>

namespace pbxbridge::pbx {
namespace {

using namespace test;

class SessionOverTls : public SessionRunner {
 protected:
  void forget_log() {
    const std::lock_guard lock(log_mutex);
    log_lines.clear();
  }

  Certificate localhost = make_certificate(directory.path(), "localhost", "DNS:localhost");
};

TEST_F(SessionOverTls, VerifiesTheCertificateAndSendsTheServerName) {
  std::mutex mutex;
  std::string name;
  ScriptedPeer peer({.certificate = localhost}, [&](PeerConnection& connection, int) {
    {
      const std::lock_guard lock(mutex);
      name = connection.server_name();
    }
    let_in(connection);
    connection.write("event");
    read_rest(connection);
  });
  config.tls.ca_file = localhost.certificate_file;
  start(peer.url("localhost"));
  ASSERT_TRUE(run_until([&] { return recorder.events.size() == 1; }));
  bool stopped = false;
  session->stop([&] { stopped = true; });
  EXPECT_TRUE(run_until([&] { return stopped; }));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(name, "localhost");
}

TEST_F(SessionOverTls, RejectsACertificateOfAnotherName) {
  const auto other = make_certificate(directory.path(), "other", "DNS:other.example");
  ScriptedPeer peer({.certificate = other}, [](PeerConnection& connection, int) { let_in(connection); });
  config.tls.ca_file = other.certificate_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("its certificate is not made out to localhost"));
  EXPECT_EQ(metric().connections.value(), 0);
}

TEST_F(SessionOverTls, TakesAnotherNameThatIsConfigured) {
  const auto other = make_certificate(directory.path(), "other", "DNS:other.example");
  ScriptedPeer peer({.certificate = other}, [](PeerConnection& connection, int) {
    let_in(connection);
    read_rest(connection);
  });
  config.tls.ca_file = other.certificate_file;
  config.tls.server_name = "other.example";
  start(peer.url());
  EXPECT_TRUE(run_until_logged("is granted"));
}

TEST_F(SessionOverTls, ComparesAnAddressWithTheAddressesInTheCertificate) {
  const auto addressed = make_certificate(directory.path(), "addressed", "IP:127.0.0.1");
  ScriptedPeer good({.certificate = addressed}, [](PeerConnection& connection, int) {
    let_in(connection);
    read_rest(connection);
  });
  config.tls.ca_file = addressed.certificate_file;
  start(good.url("127.0.0.1"));
  EXPECT_TRUE(run_until_logged("is granted"));

  ScriptedPeer bad({.certificate = localhost}, [](PeerConnection& connection, int) { let_in(connection); });
  config.tls.ca_file = localhost.certificate_file;
  start(bad.url("127.0.0.1"));
  EXPECT_TRUE(run_until_logged("its certificate is not made out to 127.0.0.1"));
}

TEST_F(SessionOverTls, RejectsACertificateThatHasACommonNameOnly) {
  for (const std::string name : {"localhost", "127.0.0.1"}) {
    const auto by_common_name = make_certificate(directory.path(), name, "");
    ScriptedPeer peer({.certificate = by_common_name}, [](PeerConnection& connection, int) { let_in(connection); });
    config.tls.ca_file = by_common_name.certificate_file;
    forget_log();
    start(peer.url(name));
    EXPECT_TRUE(run_until_logged("its certificate has no subjectAltName")) << name;
    EXPECT_TRUE(run_until_logged("have it issued again with " + name + " as subjectAltName")) << name;
  }
  EXPECT_EQ(metric().connections.value(), 0);
}

TEST_F(SessionOverTls, RejectsACommonNameBesideAnotherSubjectAltName) {
  const auto other = make_certificate(directory.path(), "localhost", "email:pbx@example.com");
  ScriptedPeer peer({.certificate = other}, [](PeerConnection& connection, int) { let_in(connection); });
  config.tls.ca_file = other.certificate_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("its certificate is not made out to localhost"));
  EXPECT_EQ(metric().connections.value(), 0);
}

TEST_F(SessionOverTls, RejectsCiphersWithoutForwardSecrecyOrAuthenticatedEncryption) {
  const auto rsa = make_certificate(directory.path(), "rsa", "DNS:localhost", KeyType::rsa);
  config.tls.ca_file = rsa.certificate_file;
  for (const std::string ciphers : {"AES128-GCM-SHA256:AES256-GCM-SHA384", "AES256-SHA", "ECDHE-RSA-AES128-SHA"}) {
    ScriptedPeer peer({.certificate = rsa, .tls_1_2_ciphers = ciphers}, [](PeerConnection& connection, int) {
      let_in(connection);
      read_rest(connection);
    });
    forget_log();
    start(peer.url("localhost"));
    EXPECT_TRUE(run_until_logged("those without forward secrecy are not offered")) << ciphers;
  }
  EXPECT_EQ(metric().connections.value(), 0);
}

TEST_F(SessionOverTls, TakesCiphersOfTls12WithForwardSecrecy) {
  const auto rsa = make_certificate(directory.path(), "rsa", "DNS:localhost", KeyType::rsa);
  config.tls.ca_file = rsa.certificate_file;
  double connections = 0;
  for (const std::string ciphers :
       {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "DHE-RSA-AES256-GCM-SHA384"}) {
    ScriptedPeer peer({.certificate = rsa, .tls_1_2_ciphers = ciphers}, [](PeerConnection& connection, int) {
      let_in(connection);
      read_rest(connection);
    });
    start(peer.url("localhost"));
    connections += 1;
    EXPECT_TRUE(run_until([&] { return metric().connections.value() >= connections; })) << ciphers;
  }
}

TEST_F(SessionOverTls, RejectsACertificateOfAnUnknownAuthority) {
  const auto other = make_certificate(directory.path(), "other", "DNS:localhost");
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection& connection, int) { let_in(connection); });
  config.tls.ca_file = other.certificate_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("its certificate is not trusted"));
  EXPECT_EQ(metric().connections.value(), 0);
}

TEST_F(SessionOverTls, DoesNotTrustASelfSignedCertificateByDefault) {
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection& connection, int) { let_in(connection); });
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("its certificate is not trusted"));
}

TEST_F(SessionOverTls, ShoutsWhereItDoesNotVerify) {
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection& connection, int) {
    let_in(connection);
    read_rest(connection);
  });
  config.tls.insecure_skip_verify = true;
  start(peer.url("127.0.0.1"));
  EXPECT_TRUE(run_until_logged("is granted"));
  EXPECT_TRUE(run_until_logged("NOT VERIFIED"));
}

TEST_F(SessionOverTls, ShowsItsClientCertificate) {
  const auto client = make_certificate(directory.path(), "client", "DNS:client");
  std::mutex mutex;
  std::string name;
  ScriptedPeer peer({.certificate = localhost, .client_certificate = client}, [&](PeerConnection& connection, int) {
    {
      const std::lock_guard lock(mutex);
      name = connection.client_certificate_name();
    }
    let_in(connection);
    read_rest(connection);
  });
  config.tls.ca_file = localhost.certificate_file;
  config.tls.cert_file = client.certificate_file;
  config.tls.key_file = client.key_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("is granted"));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(name, "client");
}

TEST_F(SessionOverTls, RejectsTls11) {
  ScriptedPeer peer({.certificate = localhost, .tls_1_1 = true}, [](PeerConnection& connection, int) {
    let_in(connection);
    read_rest(connection);
  });
  config.tls.ca_file = localhost.certificate_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("the TLS handshake failed: "));
  EXPECT_GE(logged("nothing newer than TLS 1.1"), 1);
  EXPECT_EQ(logged("without TLS?"), 0);
  EXPECT_EQ(metric().connections.value(), 0);
}

TEST(TlsContext, HasTls12AsItsMinimumWhateverTheSystemAllows) {
  const auto context = net::make_tls_context({});
  EXPECT_EQ(SSL_CTX_get_min_proto_version(context.value()->native_handle()), TLS1_2_VERSION);
}

TEST_F(SessionOverTls, AsksWhetherThePortHasTlsAtAll) {
  ScriptedPeer peer([](PeerConnection& connection, int) { let_in(connection); });
  start("wss" + peer.url("localhost").substr(2));
  EXPECT_TRUE(run_until_logged("the TLS handshake failed: "));
  EXPECT_EQ(logged("(is that port without TLS?)"), 1);
}

TEST_F(SessionOverTls, AsksWhetherThePortWantsTls) {
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection& connection, int) { let_in(connection); });
  start("ws" + peer.url("localhost").substr(3));
  EXPECT_TRUE(run_until_logged("the WebSocket handshake failed: "));
  EXPECT_EQ(logged("(is it wss:// there?)"), 1);
}

TEST_F(SessionOverTls, NamesTheFileThatIsNotUsable) {
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection&, int) {});
  config.tls.ca_file = directory / "no-such.pem";
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("no-such.pem is not usable"));
}

TEST_F(SessionOverTls, NamesAKeyThatBelongsToAnotherCertificate) {
  const auto client = make_certificate(directory.path(), "client", "DNS:client");
  ScriptedPeer peer({.certificate = localhost}, [](PeerConnection&, int) {});
  config.tls.ca_file = localhost.certificate_file;
  config.tls.cert_file = client.certificate_file;
  config.tls.key_file = localhost.key_file;
  start(peer.url("localhost"));
  EXPECT_TRUE(run_until_logged("key_file"));
}

}  // namespace
}  // namespace pbxbridge::pbx
