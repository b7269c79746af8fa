#include "simulator/server/certificate.hpp"

#include "memory/free_with.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace pbxbridge::sim {

namespace {

using memory::FreeWith;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, FreeWith<BIO_free>>;

constexpr long day_seconds = 24L * 3600;

/// Seconds from now.
struct Validity {
  long begin;
  long end;
};

constexpr Validity valid{-day_seconds, 30 * day_seconds};  // the clocks of clients differ
constexpr Validity expired{-30 * day_seconds, -day_seconds};

void require(bool succeeded) {
  if (succeeded) return;
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  throw std::runtime_error(std::string("the certificate cannot be made: ") + text);
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr);
  return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Version 3, with a random serial number, for `name` and `key`; not yet signed.
Certificate prepare(const char* name, EVP_PKEY* key, Validity validity) {
  Certificate certificate(X509_new());
  require(certificate != nullptr);
  std::uint32_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial + 1ULL) == 1);
  require(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  require(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), validity.begin) != nullptr);
  require(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity.end) != nullptr);
  require(X509_set_pubkey(certificate.get(), key) == 1);
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(name), -1, -1, 0) == 1);
  return certificate;
}

template <class Write>
std::string pem(Write write) {
  const Memory memory(BIO_new(BIO_s_mem()));
  require(memory != nullptr && write(memory.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string result;
  for (const auto& name : names) {
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    result += (result.empty() ? "" : ",") + std::string(not_an_address ? "DNS:" : "IP:") + name;
  }
  return result;
}

std::string certificate_pem(X509* certificate) {
  return pem([&](BIO* to) { return PEM_write_bio_X509(to, certificate); });
}

struct Authority {
  Key key;
  Certificate certificate;
};

Authority make_authority() {
  auto authority_key = make_key();
  auto authority = prepare("pbxbridge-sim authority", authority_key.get(), valid);
  require(X509_set_issuer_name(authority.get(), X509_get_subject_name(authority.get())) == 1);
  add_extension(authority.get(), authority.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(authority.get(), authority.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(authority.get(), authority.get(), NID_subject_key_identifier, "hash");
  require(X509_sign(authority.get(), authority_key.get(), EVP_sha256()) > 0);
  return {std::move(authority_key), std::move(authority)};
}

/// PEM.
std::string signed_certificate(const Authority& authority, EVP_PKEY* key, const std::vector<std::string>& names,
                               Validity validity) {
  auto* issuer = authority.certificate.get();
  const auto certificate = prepare("pbxbridge-sim", key, validity);
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1);
  add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth");
  add_extension(certificate.get(), issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  add_extension(certificate.get(), issuer, NID_subject_alt_name, alternative_names(names));
  require(X509_sign(certificate.get(), authority.key.get(), EVP_sha256()) > 0);
  return certificate_pem(certificate.get());
}

}  // namespace

CertificateChain make_certificate(const std::vector<std::string>& names) {
  const auto authority = make_authority();
  const auto key = make_key();
  CertificateChain chain;
  chain.authority = certificate_pem(authority.certificate.get());
  chain.certificate = signed_certificate(authority, key.get(), names, valid);
  chain.expired_certificate = signed_certificate(authority, key.get(), names, expired);
  chain.private_key =
      pem([&](BIO* to) { return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return chain;
}

}  // namespace pbxbridge::sim
