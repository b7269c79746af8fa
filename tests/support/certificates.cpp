#include "certificates.hpp"

#include "process.hpp"

#include <stdexcept>

namespace pbxbridge::test {

std::filesystem::path make_certificates(const std::filesystem::path& directory, const std::string& name) {
  const std::string key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";
  const auto openssl = [&](const std::string& arguments) {
    const Ended ended = run_to_end({"sh", "-c", "cd '" + directory.string() + "' && openssl " + arguments});
    if (ended.exit_code != 0) throw std::runtime_error("openssl " + arguments + ":\n" + ended.transcript);
  };
  openssl("req -x509 " + key + "-keyout ca.key -out ca.pem -days 2 -subj '/CN=pbxbridge test authority'");
  openssl("req " + key + "-keyout key.pem -out request.pem -subj '/CN=" + name +
          "' -addext 'subjectAltName=DNS:" + name + "'");
  openssl(
      "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -copy_extensions copy");
  return directory / "ca.pem";
}

}  // namespace pbxbridge::test
