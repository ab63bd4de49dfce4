// The table of names, in runs of consecutive numbers.
#include "decode/element_names.hpp"

#include "decode/element_map.hpp"

namespace weir {

namespace {

struct Run {
  std::uint16_t first = 0;
  std::string_view names;  // of first, first + 1, …, a blank between them
};

constexpr Run kRuns[] = {
    {1,
     "octetDeltaCount packetDeltaCount deltaFlowCount protocolIdentifier ipClassOfService tcpControlBits "
     "sourceTransportPort "
     "sourceIPv4Address sourceIPv4PrefixLength ingressInterface destinationTransportPort destinationIPv4Address "
     "destinationIPv4PrefixLength egressInterface ipNextHopIPv4Address bgpSourceAsNumber bgpDestinationAsNumber "
     "bgpNextHopIPv4Address "
     "postMCastPacketDeltaCount postMCastOctetDeltaCount flowEndSysUpTime flowStartSysUpTime postOctetDeltaCount "
     "postPacketDeltaCount "
     "minimumIpTotalLength maximumIpTotalLength sourceIPv6Address destinationIPv6Address sourceIPv6PrefixLength "
     "destinationIPv6PrefixLength flowLabelIPv6 icmpTypeCodeIPv4 igmpType samplingInterval samplingAlgorithm "
     "flowActiveTimeout "
     "flowIdleTimeout engineType engineId exportedOctetTotalCount exportedMessageTotalCount "
     "exportedFlowRecordTotalCount ipv4RouterSc "
     "sourceIPv4Prefix destinationIPv4Prefix mplsTopLabelType mplsTopLabelIPv4Address samplerId samplerMode "
     "samplerRandomInterval "
     "classId minimumTTL maximumTTL fragmentIdentification postIpClassOfService sourceMacAddress "
     "postDestinationMacAddress vlanId "
     "postVlanId ipVersion flowDirection ipNextHopIPv6Address bgpNextHopIPv6Address ipv6ExtensionHeaders"},
    {70,
     "mplsTopLabelStackSection mplsLabelStackSection2 mplsLabelStackSection3 mplsLabelStackSection4 "
     "mplsLabelStackSection5 "
     "mplsLabelStackSection6 mplsLabelStackSection7 mplsLabelStackSection8 mplsLabelStackSection9 "
     "mplsLabelStackSection10 "
     "destinationMacAddress postSourceMacAddress interfaceName interfaceDescription samplerName octetTotalCount "
     "packetTotalCount "
     "flagsAndSamplerId fragmentOffset forwardingStatus mplsVpnRouteDistinguisher mplsTopLabelPrefixLength "
     "srcTrafficIndex "
     "dstTrafficIndex applicationDescription applicationId applicationName"},
    {98,
     "postIpDiffServCodePoint multicastReplicationFactor className classificationEngineId layer2packetSectionOffset "
     "layer2packetSectionSize layer2packetSectionData"},
    {128,
     "bgpNextAdjacentAsNumber bgpPrevAdjacentAsNumber exporterIPv4Address exporterIPv6Address droppedOctetDeltaCount "
     "droppedPacketDeltaCount droppedOctetTotalCount droppedPacketTotalCount flowEndReason commonPropertiesId "
     "observationPointId "
     "icmpTypeCodeIPv6 mplsTopLabelIPv6Address lineCardId portId meteringProcessId exportingProcessId templateId "
     "wlanChannelId wlanSSID "
     "flowId observationDomainId flowStartSeconds flowEndSeconds flowStartMilliseconds flowEndMilliseconds "
     "flowStartMicroseconds "
     "flowEndMicroseconds flowStartNanoseconds flowEndNanoseconds flowStartDeltaMicroseconds flowEndDeltaMicroseconds "
     "systemInitTimeMilliseconds flowDurationMilliseconds flowDurationMicroseconds observedFlowTotalCount "
     "ignoredPacketTotalCount "
     "ignoredOctetTotalCount notSentFlowTotalCount notSentPacketTotalCount notSentOctetTotalCount "
     "destinationIPv6Prefix sourceIPv6Prefix "
     "postOctetTotalCount postPacketTotalCount flowKeyIndicator postMCastPacketTotalCount postMCastOctetTotalCount "
     "icmpTypeIPv4 "
     "icmpCodeIPv4 icmpTypeIPv6 icmpCodeIPv6 udpSourcePort udpDestinationPort tcpSourcePort tcpDestinationPort "
     "tcpSequenceNumber "
     "tcpAcknowledgementNumber tcpWindowSize tcpUrgentPointer tcpHeaderLength ipHeaderLength totalLengthIPv4 "
     "payloadLengthIPv6 ipTTL "
     "nextHeaderIPv6 mplsPayloadLength ipDiffServCodePoint ipPrecedence fragmentFlags octetDeltaSumOfSquares "
     "octetTotalSumOfSquares "
     "mplsTopLabelTTL mplsLabelStackLength mplsLabelStackDepth mplsTopLabelExp ipPayloadLength udpMessageLength "
     "isMulticast ipv4IHL "
     "ipv4Options tcpOptions paddingOctets collectorIPv4Address collectorIPv6Address exportInterface "
     "exportProtocolVersion "
     "exportTransportProtocol collectorTransportPort exporterTransportPort tcpSynTotalCount tcpFinTotalCount "
     "tcpRstTotalCount "
     "tcpPshTotalCount tcpAckTotalCount tcpUrgTotalCount ipTotalLength postNATSourceIPv4Address "
     "postNATDestinationIPv4Address "
     "postNAPTSourceTransportPort postNAPTDestinationTransportPort natOriginatingAddressRealm natEvent initiatorOctets "
     "responderOctets "
     "firewallEvent ingressVRFID egressVRFID VRFname postMplsTopLabelExp tcpWindowScale biflowDirection "
     "ethernetHeaderLength "
     "ethernetPayloadLength ethernetTotalLength dot1qVlanId dot1qPriority dot1qCustomerVlanId dot1qCustomerPriority "
     "metroEvcId "
     "metroEvcType pseudoWireId pseudoWireType pseudoWireControlWord ingressPhysicalInterface egressPhysicalInterface "
     "postDot1qVlanId "
     "postDot1qCustomerVlanId ethernetType postIpPrecedence collectionTimeMilliseconds exportSctpStreamId "
     "maxExportSeconds "
     "maxFlowEndSeconds messageMD5Checksum messageScope minExportSeconds minFlowStartSeconds opaqueOctets sessionScope "
     "maxFlowEndMicroseconds maxFlowEndMilliseconds maxFlowEndNanoseconds minFlowStartMicroseconds "
     "minFlowStartMilliseconds "
     "minFlowStartNanoseconds collectorCertificate exporterCertificate dataRecordsReliability observationPointType "
     "newConnectionDeltaCount connectionSumDurationSeconds connectionTransactionId postNATSourceIPv6Address "
     "postNATDestinationIPv6Address natPoolId natPoolName anonymizationFlags anonymizationTechnique "
     "informationElementIndex "
     "p2pTechnology tunnelTechnology encryptedTechnology basicList subTemplateList subTemplateMultiList "
     "bgpValidityState IPSecSPI greKey "
     "natType initiatorPackets responderPackets observationDomainName selectionSequenceId selectorId "
     "informationElementId "
     "selectorAlgorithm samplingPacketInterval samplingPacketSpace samplingTimeInterval samplingTimeSpace samplingSize "
     "samplingPopulation samplingProbability dataLinkFrameSize ipHeaderPacketSection ipPayloadPacketSection "
     "dataLinkFrameSection "
     "mplsLabelStackSection mplsPayloadPacketSection selectorIdTotalPktsObserved selectorIdTotalPktsSelected "
     "absoluteError relativeError "
     "observationTimeSeconds observationTimeMilliseconds observationTimeMicroseconds observationTimeNanoseconds "
     "digestHashValue "
     "hashIPPayloadOffset hashIPPayloadSize hashOutputRangeMin hashOutputRangeMax hashSelectedRangeMin "
     "hashSelectedRangeMax "
     "hashDigestOutput hashInitialiserValue selectorName upperCILimit lowerCILimit confidenceLevel"},
    {346, "privateEnterpriseNumber"},
    {351, "layer2SegmentId layer2OctetDeltaCount layer2OctetTotalCount"},
    {361,
     "portRangeStart portRangeEnd portRangeStepSize portRangeNumPorts staMacAddress staIPv4Address wtpMacAddress "
     "ingressInterfaceType "
     "egressInterfaceType rtpSequenceNumber userName applicationCategoryName applicationSubCategoryName "
     "applicationGroupName"},
    {390,
     "flowSelectorAlgorithm flowSelectedOctetDeltaCount flowSelectedPacketDeltaCount flowSelectedFlowDeltaCount "
     "selectorIDTotalFlowsObserved "
     "selectorIDTotalFlowsSelected samplingFlowInterval samplingFlowSpacing flowSamplingTimeInterval "
     "flowSamplingTimeSpacing hashFlowDomain"},
    {403, "originalExporterIPv4Address originalExporterIPv6Address"},
    {408, "dataLinkFrameType sectionOffset sectionExportedOctets"},
    {459,
     "httpRequestMethod httpRequestHost httpRequestTarget httpMessageVersion natInstanceID internalAddressRealm "
     "externalAddressRealm "
     "natQuotaExceededEvent natThresholdEvent httpUserAgent httpContentType httpReasonPhrase"},
    {33002, "NF_F_FW_EXT_EVENT"},
    // Of Cisco's ASA before it used 225 to 228 and 233.
    {40001, "NF_F_XLATE_SRC_ADDR_IPV4 NF_F_XLATE_DST_ADDR_IPV4 NF_F_XLATE_SRC_PORT NF_F_XLATE_DST_PORT NF_F_FW_EVENT"},
};

}  // namespace

std::string_view iana_element_name(std::uint16_t ie) {
  const Run* run = nullptr;
  for (const auto& r : kRuns) {
    if (r.first <= ie) run = &r;
  }
  if (run == nullptr) return {};
  auto names = run->names;
  for (std::uint32_t number = run->first; number < ie; ++number) {
    const auto blank = names.find(' ');
    if (blank == std::string_view::npos) return {};
    names.remove_prefix(blank + 1);
  }
  return names.substr(0, names.find(' '));
}

std::string element_name(std::uint32_t pen, std::uint16_t ie) {
  const auto name = pen == 0 || pen == kReversePen ? iana_element_name(ie) : std::string_view{};
  if (!name.empty()) return (pen == kReversePen ? "reverse " : "") + std::string(name);
  return "element " + (pen == 0 ? "" : std::to_string(pen) + ":") + std::to_string(ie);
}

}  // namespace weir
