#include "certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace pbxbridge::pbx::test {
namespace {

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

void write_pem(const std::filesystem::path& path, const auto& write) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
  must(file && write(file.get()) == 1, "PEM file");
}

}  // namespace

Certificate make_certificate(const std::filesystem::path& directory, const std::string& file_name,
                             const std::string& names, KeyType key_type) {
  const Owned<EVP_PKEY> key(key_type == KeyType::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Owned<X509> certificate(X509_new(), X509_free);
  must(key && certificate, "key");
  std::uint32_t serial = 0;
  must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "serial");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(file_name.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  if (!names.empty()) {
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()),
                                          X509_EXTENSION_free);
    must(extension && X509_add_ext(certificate.get(), extension.get(), -1) == 1, "names");
  }
  must(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "signature");

  Certificate files{directory / (file_name + ".pem"), directory / (file_name + ".key")};
  write_pem(files.certificate_file, [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
  write_pem(files.key_file, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace pbxbridge::pbx::test
