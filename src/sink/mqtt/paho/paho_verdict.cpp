#include "sink/mqtt/paho/paho_verdict.hpp"

namespace pbxbridge::sink {
namespace {

using Cause = PahoCause::Kind;
using Verdict = PahoVerdict::Kind;

PahoVerdict judge_qos_1(const PahoCause& cause) {
  if (cause.kind == Cause::puback) return {};
  if (cause.kind == Cause::pubrec) return {Verdict::fault, "it sent a PUBREC for a message of QoS 1"};
  // The library answers PUBREC with PUBREL whatever it is for, so that the exchange is completed by now.
  if (cause.after_pubrec) return {Verdict::not_arrived};
  return {Verdict::fault, "it sent a PUBCOMP for a message of QoS 1"};
}

PahoVerdict judge_qos_2(const PahoCause& cause) {
  if (cause.kind == Cause::pubrec && cause.after_pubrec)
    return {Verdict::fault, "it sent a second PUBREC for a message of QoS 2, with a rejection"};
  if (cause.kind == Cause::pubrec) return {};  // a rejection, for the library reports no other
  if (cause.kind == Cause::puback && cause.after_pubrec)
    return {Verdict::fault, "it sent a PUBACK for a message of QoS 2 after a PUBREC"};
  if (cause.kind == Cause::puback) return {Verdict::downgraded};
  if (!cause.after_pubrec) return {Verdict::fault, "it sent a PUBCOMP for a message of QoS 2 without a PUBREC before"};
  return {Verdict::completed};
}

}  // namespace

PahoVerdict judge(unsigned qos, const PahoCause& cause) {
  // The trace is the proof: without it nothing counts as delivered.
  if (cause.kind == Cause::other || cause.kind == Cause::silence)
    return {Verdict::fault, "the library reports an acknowledgement that its trace does not show"};
  return qos == 1 ? judge_qos_1(cause) : judge_qos_2(cause);
}

}  // namespace pbxbridge::sink
