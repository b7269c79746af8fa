#include "certificates.hpp"

#include "process.hpp"

#include <stdexcept>

namespace pbxbridge::test {

namespace {

constexpr const char* new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";

void openssl(const std::filesystem::path& directory, const std::string& arguments) {
  const Ended ended = run_to_end({"sh", "-c", "cd '" + directory.string() + "' && openssl " + arguments});
  if (ended.exit_code != 0) throw std::runtime_error("openssl " + arguments + ":\n" + ended.transcript);
}

void issue(const std::filesystem::path& directory, const std::string& certificate) {
  openssl(directory, "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out " + certificate +
                         " -days 2 -copy_extensions copy");
}

}  // namespace

std::filesystem::path make_certificates(const std::filesystem::path& directory, const std::string& name) {
  openssl(directory, std::string("req -x509 ") + new_key +
                         "-keyout ca.key -out ca.pem -days 2 -subj '/CN=pbxbridge test authority'");
  openssl(directory, std::string("req ") + new_key + "-keyout key.pem -out request.pem -subj '/CN=" + name +
                         "' -addext 'subjectAltName=DNS:" + name + "'");
  issue(directory, "cert.pem");
  return directory / "ca.pem";
}

void make_client_certificate(const std::filesystem::path& directory, const std::string& name) {
  openssl(directory,
          std::string("req ") + new_key + "-keyout " + name + ".key -out request.pem -subj '/CN=" + name + "'");
  issue(directory, name + ".pem");
}

}  // namespace pbxbridge::test
