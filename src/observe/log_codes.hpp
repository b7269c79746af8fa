#pragma once

#include "pbxbridge/enum_names.hpp"

#include <span>
#include <string_view>

namespace pbxbridge::observe {

enum class LogLevel { info, warning, error };

}  // namespace pbxbridge::observe

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::observe::LogLevel>
    pbxbridge::enum_names<pbxbridge::observe::LogLevel>[] = {{observe::LogLevel::info, "info"},
                                                             {observe::LogLevel::warning, "warning"},
                                                             {observe::LogLevel::error, "error"}};

namespace pbxbridge::observe {

/// A kind of line, declared here once; docs/reference/log-codes.md is generated from it.
struct LogCode {
  std::string_view name;  ///< stable: alerts are built on it
  LogLevel level;
  std::string_view meaning;  ///< the event, and what pbxbridge does about it
  std::string_view action;   ///< advice for the operator; empty: nothing is needed
};

/// All codes, in the order of the reference.
std::span<const LogCode* const> log_codes();

// clang-format off
#define PBXBRIDGE_LOG_CODES(CODE) \
  CODE(started, "process.started", info, \
       "pbxbridge runs with a valid configuration.", "") \
  CODE(stopping, "process.stopping", info, \
       "A signal asked pbxbridge to stop: it accepts no more events and delivers those in flight.", "") \
  CODE(stopped, "process.stopped", info, \
       "pbxbridge has stopped.", "") \
  CODE(stopped_with_rest, "process.stopped_with_rest", warning, \
       "pbxbridge stopped before every event was delivered.", "Look at the named sink; with a durable spool the rest is delivered at the next start, except what its bounds have removed: events_lost.") \
  CODE(reloaded, "process.reloaded", info, \
       "The configuration was read again and applied.", "") \
  CODE(reload_partial, "process.reload_partial", warning, \
       "The configuration was read again, and some settings have changed that a reload does not apply.", "Restart pbxbridge to apply them.") \
  CODE(reload_rejected, "process.reload_rejected", error, \
       "The configuration was read again and has errors: the old one stays in force.", "Run pbxbridge check, fix the file, send SIGHUP again.") \
  CODE(configuration_rejected, "process.configuration_rejected", error, \
       "The configuration has an error: pbxbridge does not start.", "Fix the place named; pbxbridge check lists all errors at once.") \
  CODE(configuration_warning, "process.configuration_warning", warning, \
       "The configuration is valid, but a setting is probably not meant, or not safe.", "Look at the place named.") \
  CODE(notify_failed, "process.notify_failed", warning, \
       "The service manager cannot be told that pbxbridge runs: NOTIFY_SOCKET names no socket. pbxbridge runs all the same.", "Look at what sets NOTIFY_SOCKET; the service manager may end pbxbridge, as it hears nothing of it.") \
  CODE(log_lines_dropped, "process.log_lines_dropped", warning, \
       "Log lines were dropped because stderr did not take them.", "Look at what reads the log of pbxbridge.") \
  CODE(admin_listening, "admin.listening", info, \
       "The admin endpoint answers.", "") \
  CODE(admin_failed, "admin.failed", error, \
       "The admin endpoint could not listen.", "Choose a free address under admin.listen.") \
  CODE(control_failed, "control.failed", warning, \
       "The socket for commands from this machine could not be opened in the spool's directory.", "Shorten spool.path (108 characters are the most), or stop pbxbridge to redrive dead letters.") \
  CODE(pbx_connecting, "pbx.connecting", info, \
       "A connection to the PBX is being made.", "") \
  CODE(pbx_authenticated, "pbx.authenticated", info, \
       "The PBX has accepted the account; subscriptions are being made and events flow.", "") \
  CODE(pbx_connection_failed, "pbx.connection_failed", warning, \
       "The PBX was not reached. What it pushes meanwhile is gone; pbxbridge tries again after the time named.", "Check the address, the network and the certificate as the reason says.") \
  CODE(pbx_connection_lost, "pbx.connection_lost", warning, \
       "The connection to the PBX ended. What it pushes meanwhile is gone; pbxbridge connects again after the time named.", "If it happens often, look at the network and at the PBX.") \
  CODE(pbx_auth_rejected, "pbx.auth_rejected", error, \
       "The PBX rejected the account. pbxbridge tries again slowly, so that the account is not locked.", "Check user name, domain and password; the password file is read again at each attempt.") \
  CODE(pbx_subscription_granted, "pbx.subscription_granted", info, \
       "The PBX granted a subscription.", "") \
  CODE(pbx_subscription_rejected, "pbx.subscription_rejected", error, \
       "The PBX rejected a subscription; the others go on.", "Give the account the permission for this topic, or take the entry out.") \
  CODE(pbx_subscription_silent, "pbx.subscription_silent", warning, \
       "The PBX did not answer a subscribe; pbxbridge carries on, for events may come all the same.", "If none come, check topic and permission in the PBX.") \
  CODE(pbx_subscription_ended, "pbx.subscription_ended", info, \
       "A changed configuration has dropped a subscription; pbxbridge unsubscribes from it.", "") \
  CODE(pbx_unsubscribe_rejected, "pbx.unsubscribe_rejected", warning, \
       "The PBX rejected an unsubscribe. Its events may go on coming until the next connection.", "") \
  CODE(pbx_snapshots_asked, "pbx.snapshots_asked", info, \
       "State may be wrong or lack something: events were lost while the connection to the PBX stood, for which the lines before say why; or a reload has brought the first route for state; or the PBX has created or changed queues, of which it gives the numbers alone. The present state is asked for once more; call records flow on meanwhile.", "") \
  CODE(pbx_rest_failed, "pbx.rest_failed", warning, \
       "The REST interface of the PBX did not list what is asked for. Calls of which nothing is heard after the gap are closed after state.orphan_after; queues and extensions stay.", "Check address, account and role under rest: as the reason says.") \
  CODE(pbx_unexpected_answer, "pbx.unexpected_answer", warning, \
       "The PBX sent an answer to no question, or before it accepted the account a message that holds a password or token; neither is passed on.", "If it comes at each connection, look whether url leads to the PBX and dialect is its own.") \
  CODE(pbx_event_too_large, "pbx.event_too_large", error, \
       "A message over max_frame_size was dropped; the connection goes on.", "Raise max_frame_size of this PBX.") \
  CODE(pbx_paused, "pbx.paused", warning, \
       "The spool has no room, so nothing is read from the PBX: TCP makes it wait, and nothing is lost. pbxbridge reads on as soon as there is room, at the latest after the time named. Pauses of less than 200 ms are only counted.", "If it happens often, the disk under the spool is too slow for the load, or is failing.") \
  CODE(pbx_resumed, "pbx.resumed", info, \
       "The spool has room again, and events are accepted.", "") \
  CODE(pbx_pause_exhausted, "pbx.pause_exhausted", error, \
       "The spool has had no room for so long that pbxbridge reads on, for the PBX ends a session that answers no ping. Events are dropped and counted until there is room.", "Look at the disk under the spool: is it full, stalled or failing?") \
  CODE(pbx_insecure, "pbx.insecure", warning, \
       "The certificate of the PBX is NOT verified: anyone on the way can read the password and forge events.", "Set tls.ca_file and take insecure_skip_verify out.") \
  CODE(pbx_stopped, "pbx.stopped", info, \
       "The session was ended cleanly.", "") \
  CODE(event_untidy, "event.untidy", warning, \
       "An event is not as the PBX documents it. It flows on unchanged.", "If its routes rely on the field named, give their templates a default; else nothing is needed.") \
  CODE(event_unrouted, "event.unrouted", warning, \
       "Events match no route and go nowhere.", "Add a route with `match: {}`, if they are wanted.") \
  CODE(state_table_full, "state.table_full", warning, \
       "A bound under state: is reached: what is new has no state document. Its events flow on.", "Raise the bound, if the PBX has as many; otherwise look at what it sends.") \
  CODE(route_fallback, "route.fallback", warning, \
       "A topic could not be made from an event; it went to the fallback topic.", "Give the template a default such as {queue_number|none}.") \
  CODE(route_key_missing, "route.key_missing", warning, \
       "A key could not be made from an event; it went without one, so that its order among others is not kept.", "Give the template a default such as {session_id|none}, or let the route match only events that have the field.") \
  CODE(sink_connected, "sink.connected", info, \
       "The sink is connected and takes events.", "") \
  CODE(sink_connection_failed, "sink.connection_failed", warning, \
       "The sink was not reached. Its events wait in the spool; pbxbridge tries again.", "Check the address, the network and the account as the reason says.") \
  CODE(sink_connection_lost, "sink.connection_lost", warning, \
       "The sink went away. What was in flight is delivered again after reconnecting.", "If it happens often, look at the broker and the network.") \
  CODE(sink_retrying, "sink.retrying", warning, \
       "The sink did not take an event for now; it is tried again, and later events of the same key wait.", "Fix what the reason names, such as a missing topic, a permission or a full disk; nothing is lost meanwhile as long as the spool has room.") \
  CODE(sink_stalled, "sink.stalled", warning, \
       "So many events are tried again, or wait for one of their key that is, that the sink reads nothing more: its other topics stand still, too. Events wait in the spool.", "Look at the reason in sink.retrying: a topic is missing or not allowed.") \
  CODE(sink_stuck, "sink.stuck", warning, \
       "The sink is connected, and for some seconds it has acknowledged nothing of what it was sent, or nothing of a part of it. Its events wait; this is logged once until they are acknowledged again.", "Fix what the reason names, such as a partition without a leader or with too few replicas in sync.") \
  CODE(sink_unstuck, "sink.unstuck", info, \
       "What the sink is sent is acknowledged again.", "") \
  CODE(sink_suspect, "sink.suspect", warning, \
       "Connections to the sink ended again and again with this event in flight. It is tried alone, and the others pass it: it is delivered, or kept as a dead letter (sink.rejected) if it alone is the cause.", "If sink.rejected follows, compare the event's size and topic with what the broker allows. If not, look at the network.") \
  CODE(sink_rejected, "sink.rejected", error, \
       "The sink rejected an event for good. With a spool on disk it is kept as a dead letter, else it is lost to this sink.", "Fix what the reason names, then run pbxbridge dead-letters redrive.") \
  CODE(sink_events_dropped, "sink.events_dropped", error, \
       "Events were dropped before this sink took them, for the reason named.", "Bring the sink back, or make the spool larger.") \
  CODE(sink_dead_letter_redriven, "sink.dead_letter_redriven", info, \
       "A dead letter that an operator asked for was delivered after all.", "") \
  CODE(spool_opened, "spool.opened", info, \
       "The spool on disk is open; what was not delivered before is delivered now.", "") \
  CODE(spool_failed, "spool.failed", error, \
       "The spool cannot be used, so pbxbridge ends: without it nothing that it accepts would be safe.", "Read the reason: another pbxbridge, missing rights, or a disk that fails. Events that were accepted before stay in the spool.") \
  CODE(spool_cursor_orphaned, "spool.cursor_orphaned", warning, \
       "The spool knows a sink that is not in the configuration any more. Its position, and the events after it, are kept for spool.max_age, in case it comes back.", "If it will not, free the space with pbxbridge spool forget SINK. If it was renamed, what it had not delivered is not delivered under the new name.") \
  CODE(spool_cursor_expired, "spool.cursor_expired", info, \
       "A sink has not been in the configuration for spool.max_age: its position is dropped. If it comes back, it begins as a new one.", "") \
  CODE(spool_damaged, "spool.damaged", error, \
       "The disk no longer holds what was written. What can be read goes on; the rest is counted and recorded as a gap.", "Look at the disk. The files with the damage are in quarantine/ next to the store; pbxbridge spool salvage tries them again.") \
  CODE(spool_salvaged, "spool.salvaged", error, \
       "The spool's store was damaged. A new one was made of everything that can be read; if anything is missing, spool.damaged and spool.gap say what.", "Look at the disk. The files as they were are in quarantine/ next to the store; delete them when they are no longer needed.") \
  CODE(spool_disk_full, "spool.disk_full", error, \
       "The disk under the spool is full. pbxbridge frees what it can, makes the PBX wait as long as it may, and tries again every half second.", "Make room on the disk, or lower spool.max_size.") \
  CODE(spool_denied, "spool.denied", error, \
       "The system denies the spool what a write needs: an open file, a file of that size, or memory. What was accepted stays; pbxbridge makes the PBX wait as long as it may, and tries again every half second.", "Read the reason, and raise that limit: for a process that runs with prlimit(1), for good in its service (LimitNOFILE, LimitFSIZE, MemoryMax).") \
  CODE(spool_write_failed, "spool.write_failed", error, \
       "A write or an fsync failed. The disk is not trusted again: the spool is closed, checked and opened again, once; a second failure within an hour ends pbxbridge.", "Look at the disk and at the kernel's log.") \
  CODE(spool_files_removed, "spool.files_removed", error, \
       "Somebody has removed, moved or replaced files of the spool while pbxbridge was using them. What is left is checked and opened again; what it lacks is counted and recorded as a gap.", "Leave the directory of the spool to pbxbridge. To empty it, stop pbxbridge first.") \
  CODE(spool_read_failed, "spool.read_failed", warning, \
       "Events that a lagging sink needs could not be read from the disk for now. They stay in the spool, and reading is tried again each second.", "Read the reason: a lack of file descriptors or memory, or a disk that fails.") \
  CODE(spool_recovered, "spool.recovered", info, \
       "The spool accepts events again.", "") \
  CODE(spool_not_flushed, "spool.not_flushed", error, \
       "pbxbridge was to stop, and the disk did not take the last events in time.", "Look at the disk; the events that were announced before are safe.") \
  CODE(spool_high_water, "spool.high_water", warning, \
       "The spool holds nine tenths of spool.max_size.", "Bring the sink back that lags (pbxbridge_sink_lag_events), or make the spool larger.") \
  CODE(spool_full, "spool.full", error, \
       "The spool has reached spool.max_size and, with full: reject_newest, accepts nothing. Events are dropped and counted; when there is room again, spool.gap says how many.", "Bring the sink back that lags (pbxbridge_sink_lag_events), or make the spool larger.") \
  CODE(spool_gap, "spool.gap", warning, \
       "A stretch of events is missing; it is recorded (pbxbridge spool list --gaps).", "Read the reason.") \
  CODE(spool_dead_letters_dropped, "spool.dead_letters_dropped", error, \
       "A sink's dead letters reached their bound, and the oldest made room.", "Redrive or drop them (pbxbridge dead-letters), or raise spool.dead_letters_max_size.") \
  CODE(sink_notice, "sink.notice", warning, \
       "The sink reports something that an operator should know.", "Look at the text; the guide to the type of sink has a row for each that asks for something.")
// clang-format on

namespace log_code {
#define PBXBRIDGE_DEFINE_LOG_CODE(identifier, name, level, meaning, action) \
  inline constexpr LogCode identifier{name, LogLevel::level, meaning, action};
PBXBRIDGE_LOG_CODES(PBXBRIDGE_DEFINE_LOG_CODE)
#undef PBXBRIDGE_DEFINE_LOG_CODE
}  // namespace log_code

}  // namespace pbxbridge::observe
