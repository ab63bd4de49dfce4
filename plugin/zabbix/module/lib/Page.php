<?php declare(strict_types = 0);
/*
** Weir, flows in Zabbix. GPL-2.0-or-later; see the file LICENSE.
*/

namespace Modules\Weir\Lib;

use CCsrfTokenHelper, CForm, CHtmlPage, CRoleHelper, CVar, CWebUser, CWidget;

/**
 * What differs between Zabbix 6.0 and 7.0 for a page, and what all our actions share.
 */
class Page {

	/**
	 * @return CHtmlPage|CWidget
	 */
	public static function create(string $title) {
		return (class_exists('CHtmlPage') ? new CHtmlPage() : new CWidget())->setTitle($title);
	}

	/**
	 * A form whose action the core will accept: 6.0 adds its "sid" to every form itself, since 6.4 a token is signed for the
	 * action's name.
	 */
	public static function form(string $action): CForm {
		$form = (new CForm('post', 'zabbix.php?action='.$action))->setName(str_replace('.', '-', $action));

		if (class_exists('CCsrfTokenHelper')) {
			$form->addItem(
				(new CVar(CCsrfTokenHelper::CSRF_TOKEN_NAME, CCsrfTokenHelper::get($action)))->removeId()
			);
		}

		return $form;
	}

	/**
	 * Whether the signed-in user may see flows at all; which ones is said by the token.
	 */
	public static function isAllowed(): bool {
		return !CWebUser::isGuest() && CWebUser::checkAccess(CRoleHelper::UI_MONITORING_HOSTS);
	}

	/**
	 * The words about a failure that the signed-in user can do something with.
	 */
	public static function failure(SidecarException $e): string {
		return CWebUser::getType() == USER_TYPE_SUPER_ADMIN || $e->getCode() == SidecarException::TOO_MANY
			? $e->getMessage()
			: _('The flow collector is not available at the moment.');
	}

	/**
	 * The web server answers for flows/ itself.
	 */
	public static function proxyProblem(): string {
		return _('The web server does not pass flows/ on to the collector.').' '
			._('Run install/zabbix again, or include its snippet by hand, and reload the web server.');
	}

	/**
	 * "3m 20s ago", as Zabbix shows ages.
	 */
	public static function ago(?int $ms): string {
		return $ms ? _s('%1$s ago', zbx_date2age(min(time() - 1, (int) ($ms / 1000)))) : _('Never');
	}
}
