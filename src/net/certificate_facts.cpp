#include "net/certificate_facts.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace pbxbridge::net {

namespace {

constexpr std::size_t most_names = 5;

using GeneralNames = std::unique_ptr<GENERAL_NAMES, memory::FreeWith<GENERAL_NAMES_free>>;
using Bio = std::unique_ptr<BIO, memory::FreeWith<BIO_free>>;

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// Empty where the bytes are no address.
std::string address_text(std::string_view bytes) {
  const auto copy_of = [&](auto parts) {
    std::memcpy(parts.data(), bytes.data(), parts.size());
    return parts;
  };
  if (bytes.size() == 4)
    return boost::asio::ip::address_v4(copy_of(boost::asio::ip::address_v4::bytes_type())).to_string();
  if (bytes.size() == 16)
    return boost::asio::ip::address_v6(copy_of(boost::asio::ip::address_v6::bytes_type())).to_string();
  return {};
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  const GeneralNames found(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; found && i < sk_GENERAL_NAME_num(found.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), i);
    if (name->type == GEN_DNS) names.emplace_back(bytes_of(name->d.dNSName));
    if (name->type == GEN_IPADD)
      if (std::string address = address_text(bytes_of(name->d.iPAddress)); !address.empty())
        names.push_back(std::move(address));
  }
  return names;
}

std::string issuer_of(X509* certificate) {
  const Bio text(BIO_new(BIO_s_mem()));
  if (!text || X509_NAME_print_ex(text.get(), X509_get_issuer_name(certificate), 0, XN_FLAG_RFC2253) < 0) return {};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::chrono::seconds time_left(X509* certificate) {
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) != 1) return {};
  return std::chrono::hours(24) * days + std::chrono::seconds(seconds);
}

}  // namespace

std::string CertificateFacts::text() const {
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most_names)));
  const long days = std::chrono::floor<std::chrono::hours>(left).count() / 24;
  return fmt::format("for {}{}, issued by {}, {}",
                     names.empty() ? "nobody (no subjectAltName)" : fmt::format("{}", fmt::join(first, " and ")),
                     names.size() > most_names ? fmt::format(" and {} more", names.size() - most_names) : "", issuer,
                     left < std::chrono::seconds(0) ? fmt::format("expired {} day{} ago", -days, days == -1 ? "" : "s")
                                                    : fmt::format("{} day{} left", days, days == 1 ? "" : "s"));
}

ShownCertificate::ShownCertificate(boost::asio::ssl::context& context) {
  // Called in place of OpenSSL's own verification, which it then runs.
  SSL_CTX_set_cert_verify_callback(
      context.native_handle(),
      [](X509_STORE_CTX* verification, void* self) {
        if (X509* const shown = X509_STORE_CTX_get0_cert(verification); shown != nullptr) {
          X509_up_ref(shown);
          static_cast<ShownCertificate*>(self)->certificate_.reset(shown);
        }
        return X509_verify_cert(verification);
      },
      this);
}

std::optional<CertificateFacts> ShownCertificate::facts() const {
  if (!certificate_) return std::nullopt;
  return CertificateFacts{names_of(certificate_.get()), issuer_of(certificate_.get()), time_left(certificate_.get())};
}

}  // namespace pbxbridge::net
