#pragma once

#include <librdkafka/rdkafka.h>
#include <openssl/x509.h>

#include <string>

namespace pbxbridge::sink {

/// Says whether the certificate names this host, a name or an address, in its subjectAltName (RFC 6125, 6.4.4: a common
/// name alone does not count).
bool names_host(X509* certificate, const std::string& host);

/// Has a client accept no broker whose certificate does not name it so: librdkafka itself accepts a common name. What
/// else it verifies stays.
void demand_subject_alt_names(rd_kafka_conf_t* conf);

}  // namespace pbxbridge::sink
